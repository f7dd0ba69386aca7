"""What a visitor may do with plans: by the secret of the browser, by the key of a link, or by that of the page.

A key stands in the address (``key=``) and is one of three things: the secret of a link that somebody passed on; the
name of a shared plan, which gives rights to whoever shared it and to nobody else; or the secret of a page in a browser
that takes no cookies, under which that page finds its own plans again (docs/decisions/102-plans-have-owners.md).
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from loaders.scenario_shares import EDIT, READ, ScenarioShares, Share, hashed
from pages import visitor

_KEY = re.compile(r"[A-Za-z0-9_-]{20,80}")
_PAGE, _OWN = "page-", "plan-"
"""What the secret of a page and the name of a shared plan begin with."""


@dataclass(frozen=True)
class Rights:
    """Who asks, by every name, and for which shared plan.

    Attributes
    ----------
    owner : to whom belongs what this request makes, such as ``browser:`` and a hash; later ``person:`` and an id
    owners : all names under which it may read
    share : the shared plan that the key opens, None for none
    key : the key as it was given; empty where it is none
    cookies : whether the browser sent its secret
    """

    owner: str
    owners: tuple[str, ...]
    share: Share | None
    key: str
    cookies: bool

    @property
    def onward(self) -> str:
        """Key to pass on to another plan of the same visitor: that of a page without cookies, otherwise none."""
        return "" if self.cookies else self.key


def rights(key: str, shares: ScenarioShares) -> Rights:
    """Rights of the present request with a key; a key that opens nothing gives nothing."""
    key = key if _KEY.fullmatch(key) else ""
    owner, cookies = f"browser:{visitor.visitor()}", visitor.is_known()
    owners = [owner]
    if key and not key.startswith(_OWN):
        owners.append(f"key:{hashed(key)}")
        owner = owner if cookies else owners[-1]
    share = _share(key, owners, shares)
    if share is not None:
        owners.append(share.name)
    return Rights(owner, tuple(owners), share, key, cookies)


def _share(key: str, owners: list[str], shares: ScenarioShares) -> Share | None:
    if not key or key.startswith(_PAGE):
        return None
    if key.startswith(_OWN):
        return shares.own(key.removeprefix(_OWN), owners)
    return shares.opened(key)


def is_link(key: str) -> bool:
    """Whether a key is meant as that of a link or a shared plan, rather than of a page."""
    return bool(key) and not key.startswith(_PAGE)


def page_key() -> str:
    """Secret for a page in a browser that takes no cookies."""
    return _PAGE + secrets.token_urlsafe(32)


def own_key(share_id: str) -> str:
    """Key under which whoever shared a plan goes on with it; no secret."""
    return _OWN + share_id


def links_of(share_id: str, who: Rights) -> tuple[str, str]:
    """Secrets of the links of a shared plan to read and to edit, as its maker has them."""
    of = "" if who.cookies else who.key
    read, edit = (visitor.secret_for(f"{purpose} {share_id}", of) for purpose in ("read", "edit"))
    return f"{READ}{read}", f"{EDIT}{edit}"


def plan_address(plan: str, lang: str, key: str = "") -> str:
    """Address of the page of a plan, within the site."""
    more = f"&key={key}" if key else ""
    return f"plannen?plan={plan}&lang={lang}{more}"
