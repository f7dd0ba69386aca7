"""Help and usage of the command in the reader's language.

Commands and options are declared with the keys of their texts; when the command begins, these become texts in the
language of ``--lang``, else of ``NABIJ_LANG``, else of the system, else English. So do the words that the library
around them writes itself, and what it says is wrong.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

import typer
from typer._click import Command
from typer._click.core import ParameterSource
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command_name

from i18n.languages import LANGUAGES, language_of_system
from i18n.texts import has_text, text

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter, Parameter
    from typer._click.exceptions import BadParameter, NoSuchOption, UsageError
    from typer.models import CommandInfo

Function = TypeVar("Function", bound=Callable[..., Any])

_LANG: ContextVar[str] = ContextVar("language of the help", default="en")
_WORDS = re.compile(r"[A-Z]{2,}")


def asked_language(args: Sequence[str]) -> str:
    """Language for who typed these arguments: that of ``--lang``, else of the environment, else English."""
    given = None
    for at, argument in enumerate(args):
        if argument == "--lang" and at + 1 < len(args):
            given = args[at + 1]
        elif argument.startswith("--lang="):
            given = argument.partition("=")[2]
    return given if given in LANGUAGES else language_of_system(os.environ) or "en"


def speak(command: Any, lang: str, path: tuple[str, ...] = ()) -> None:
    """Put the help of a command, of its options and of all commands below it in a language.

    Parameters
    ----------
    command : as the library made it, with keys in place of texts
    lang : ``nl``, ``en`` or ``fr``
    path : names of the command, the first one left out
    """
    _speak_of(command, lang, path)
    for name, below in getattr(command, "commands", {}).items():
        speak(below, lang, (*path, name))


def _speak_of(command: Any, lang: str, path: tuple[str, ...]) -> None:
    """Put the help of one command and of its options in a language, and what those below it do."""
    _say_what(command, lang, path)
    if command.epilog:
        command.epilog = text("usage.example" if path else "usage.begin", lang, command=command.epilog)
    command.options_metavar = text("usage.some_options", lang)
    for parameter in command.params:
        parameter.help = _text(parameter.help, lang)
        parameter.rich_help_panel = _text(parameter.rich_help_panel, lang)
        if parameter.metavar:
            parameter.metavar = _WORDS.sub(lambda word: _word(word[0], lang), parameter.metavar)
    if isinstance(command, TyperGroup):
        command.subcommand_metavar = text("usage.some_command", lang)
        for name, below in command.commands.items():
            _say_what(below, lang, (*path, name))


def _say_what(command: Any, lang: str, path: tuple[str, ...]) -> None:
    key = f"help.command.{'_'.join(path)}"
    command.help = text(key, lang) if has_text(key) else _text(command.help, lang)


def _path(info_name: str | None, parent: Context | None) -> tuple[str, ...]:
    """Names of the command that begins, the first one left out."""
    return () if parent is None else (*_path(parent.info_name, parent.parent), info_name or "")


def _text(key: str | None, lang: str) -> str | None:
    return text(key, lang) if key and has_text(key) else key


def _word(word: str, lang: str) -> str:
    key = f"usage.word.{word}"
    return text(key, lang) if has_text(key) else word


class _Spoken(Command):
    """How a command or a group writes its usage and its help in the language that was asked for."""

    def format_usage(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the line of usage."""
        formatter.write_usage(
            ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix=text("usage.usage", _LANG.get())
        )

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the help."""
        _name_panels(_LANG.get())
        super().format_help(ctx, formatter)

    def get_params(self, ctx: Context) -> list[Parameter]:
        """Options and arguments, ``--help`` among them."""
        return _with_help(super().get_params(ctx))


class SpokenCommand(_Spoken, TyperCommand):
    """A command that tells how it is used in the language that was asked for."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        _take_quickly(self.params)

    def make_context(self, info_name: str | None, args: list[str], parent: Context | None = None, **extra: Any) -> Any:
        """Begin, with the help in that language."""
        _speak_of(self, _LANG.get(), _path(info_name, parent))
        return super().make_context(info_name, args, parent, **extra)


def _take_quickly(parameters: Sequence[Any]) -> None:
    """Take the value of an option as it is where it needs no check: the library would load what checks it.

    A default is declared in its own type; a word, and a path to something new or readable, are what was typed.
    """
    for one in parameters:
        if "process_value" not in vars(one):
            vars(one)["process_value"] = _quickly(one, one.process_value)


def _quickly(parameter: Any, process: Callable[[Context, Any], Any]) -> Callable[[Context, Any], Any]:
    kind = parameter.type_descriptor.annotation
    many = parameter.multiple or parameter.nargs == -1

    def quick(context: Context, value: Any) -> Any:
        if context.get_parameter_source(parameter.name) is ParameterSource.DEFAULT and not parameter.required:
            return () if many and value is None else value
        if many or not isinstance(value, str):
            return process(context, value)
        if kind is Path and (os.access(value, os.R_OK) or not Path(value).exists()):
            return Path(value)
        return value if kind is str else process(context, value)

    return quick


class SpokenGroup(_Spoken, TyperGroup):
    """A group of commands that tells how it is used in the language that was asked for."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        _take_quickly(self.params)

    def make_context(self, info_name: str | None, args: list[str], parent: Context | None = None, **extra: Any) -> Any:
        """Begin, with the help in that language; ``--lang`` may stand before the name of a command too."""
        _speak_of(self, _LANG.get(), _path(info_name, parent))
        return super().make_context(info_name, _of_group(args), parent, **extra)


class Root(SpokenGroup):
    """The command itself: it finds the language, and says what is wrong with how it was used."""

    def make_context(self, info_name: str | None, args: list[str], parent: Context | None = None, **extra: Any) -> Any:
        """Begin in the language that was asked for."""
        lang = asked_language(args)
        _LANG.set(lang)
        with _said(lang):
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: Context) -> Any:
        """Carry the command out."""
        with _said(_LANG.get()):
            return super().invoke(ctx)


def _of_group(args: Sequence[str]) -> list[str]:
    """Arguments of a group of commands: a ``--lang`` before the name of a command is handed on to it."""
    options, language, left = _parted(args)
    if left:
        return [*options, *left, *language]
    return options or (["--help"] if language else [])


def skip_options(args: Sequence[str]) -> list[str]:
    """Arguments from the name of a command on."""
    return _parted(args)[2]


def _parted(args: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Options before the name of a command, ``--lang`` before it, and all from that name on."""
    left, options, language = list(args), list[str](), list[str]()
    while left and left[0].startswith("-"):
        one = left.pop(0)
        if one == "--lang" and left:
            language = [one, left.pop(0)]
        elif one.startswith("--lang="):
            language = [one]
        else:
            options.append(one)
    return options, language, left


def _with_help(params: list[Parameter]) -> list[Parameter]:
    for one in params:
        if "--help" in one.opts:
            vars(one)["help"] = text("usage.help", _LANG.get())
            _take_quickly([one])
    return params


def _name_panels(lang: str) -> None:
    """Give the library the words that it writes around help and errors."""
    rich_utils = _help_writer()
    for name, key in (
        ("ARGUMENTS_PANEL_TITLE", "arguments"),
        ("OPTIONS_PANEL_TITLE", "options"),
        ("COMMANDS_PANEL_TITLE", "commands"),
        ("ERRORS_PANEL_TITLE", "error"),
        ("DEFAULT_STRING", "default"),
        ("REQUIRED_LONG_STRING", "required"),
        ("RICH_HELP", "try"),
    ):
        setattr(rich_utils, name, text(f"usage.{key}", lang))


def _help_writer() -> ModuleType:
    """Module of the library that writes help, without what it loads for Markdown and tracebacks: it is given neither.

    That is a third of the time that the help takes.
    """
    spare = [name for name in ("rich.markdown", "rich.traceback") if name not in sys.modules]
    sys.modules.update({name: _NotLoaded(name) for name in spare})
    try:
        return import_module("typer.rich_utils")
    finally:
        for name in spare:
            del sys.modules[name]


class _NotLoaded(ModuleType):
    """A module whose names can be imported and not used."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


@contextmanager
def _said(lang: str) -> Iterator[None]:
    """Say what was used wrongly in a language."""
    from typer._click.exceptions import NoArgsIsHelpError, UsageError

    try:
        yield
    except NoArgsIsHelpError:
        raise
    except UsageError as error:
        _name_panels(lang)
        sentence = usage_sentence(error, lang)
        vars(error)["format_message"] = lambda: sentence
        raise


def usage_sentence(error: UsageError, lang: str) -> str:
    """What was used wrongly, in a language."""
    from typer._click.exceptions import BadParameter, MissingParameter, NoSuchOption

    if isinstance(error, MissingParameter) and error.param is not None:
        kind = "argument" if error.param.param_type_name == "argument" else "option"
        return text(f"usage.missing_{kind}", lang, name=error.param.get_error_hint())
    if isinstance(error, NoSuchOption):
        return _no_such_option(error, lang)
    if isinstance(error, BadParameter) and error.param is not None:
        return _bad_value(error, lang)
    for pattern, key in _FORMS:
        match = pattern.fullmatch(error.message)
        if match:
            return text(f"usage.{key}", lang, **match.groupdict())
    return error.format_message()


_FORMS = (
    (re.compile(r"Missing command\."), "missing_command"),
    (re.compile(r"No such command (?P<name>'.*')\."), "no_such_command"),
    (re.compile(r"No such command (?P<name>'.*')\. Did you mean (?P<others>.*)\?"), "no_such_command_but"),
    (re.compile(r"Got unexpected extra argument\(s\) \((?P<values>.*)\)", re.DOTALL), "extra"),
    (re.compile(r"Option (?P<name>'.*') requires an argument\."), "option_without_value"),
    (re.compile(r"Option (?P<name>'.*') does not take a value\."), "option_with_value"),
)
"""What the library says in English, and the texts for it."""


def _no_such_option(error: NoSuchOption, lang: str) -> str:
    name = error.message.removeprefix("No such option: ")
    if not error.possibilities:
        return text("usage.no_such_option", lang, name=name)
    return text("usage.no_such_option_but", lang, name=name, others=", ".join(sorted(error.possibilities)))


def _bad_value(error: BadParameter, lang: str) -> str:
    """What is no value for an option: the library hands on the error of the kind of value."""
    name = error.param.get_error_hint() if error.param is not None else ""
    first: dict[str, Any] = getattr(error.__cause__, "errors", lambda: [{}])()[0]
    kind = str(first.get("type", ""))
    key = "not_whole" if kind.startswith("int_") else "not_number" if kind.startswith("float_") else "no_value"
    return text(f"usage.{key}", lang, name=name, value=str(first.get("input", "")))


class Commands(typer.Typer):
    """Commands whose help is declared by keys of texts."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"cls": SpokenGroup, **settings})

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Function], Function]:
        """Declare a command, as the library does; its help is the text of its name."""
        declare: Callable[[Function], Function] = super().command(name, **{"cls": SpokenCommand, **settings})
        return declare

    def only(self, name: str) -> Commands:
        """One of the commands that were declared here, alone."""
        alone = Commands()
        alone.registered_commands = [one for one in self.registered_commands if _name_of(one) == name]
        return alone


def _name_of(declared: CommandInfo) -> str:
    """Name of a command that was declared; that of its function where none was given."""
    return declared.name or get_command_name(getattr(declared.callback, "__name__", ""))
