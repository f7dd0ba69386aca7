"""What a visitor may do with plans: by the secret of the browser, by the key of a link, or by that of the page.

A key stands in the address (``key=``) and is one of three things: the secret of a link that somebody passed on; the
name of a shared plan, which gives rights to whoever shared it and to nobody else; or the secret of a page in a browser
that takes no cookies, under which that page finds its own plans again (docs/decisions/102-plans-have-owners.md). Such
a page that came by a link has both, with a ``~`` between.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from loaders.storage.plan_shares import EDIT, READ, ScenarioShares, Share, hashed
from pages.request import visitor

_KEY = re.compile(r"[A-Za-z0-9_-]{20,80}")
_PAGE_KEY = re.compile(r"page-[A-Za-z0-9_-]{43}")
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
    page : secret of the page, in a browser that takes no cookies; otherwise empty
    link : the other part of the key: secret of a link, or name of a shared plan
    cookies : whether the browser sent its secret
    """

    owner: str
    owners: tuple[str, ...]
    share: Share | None
    page: str
    link: str
    cookies: bool


def rights(key: str, shares: ScenarioShares) -> Rights:
    """Rights of the present request with a key; a key that opens nothing gives nothing."""
    page, link = _parts(key)
    owner, cookies = f"browser:{visitor.visitor()}", visitor.is_known()
    owners = [owner]
    if page:
        owners.append(f"key:{hashed(page)}")
        owner = owner if cookies else owners[-1]
    share = _share(link, owners, shares)
    if share is not None:
        owners.append(share.name)
    return Rights(owner, tuple(owners), share, page if not cookies else "", link, cookies)


def _parts(key: str) -> tuple[str, str]:
    """Secret of the page and the rest of a key; empty where they are none."""
    page, _, link = key.rpartition("~") if not key.startswith(_PAGE) or "~" in key else (key, "", "")
    return page if _PAGE_KEY.fullmatch(page) else "", link if _KEY.fullmatch(link) else ""


def asks_link(key: str) -> bool:
    """Whether a key is meant to open more than the plans of its page."""
    page, link = _parts(key)
    return bool(key) and (bool(link) or not page)


def _share(link: str, owners: list[str], shares: ScenarioShares) -> Share | None:
    if link.startswith(_OWN):
        return shares.own(link.removeprefix(_OWN), owners)
    return shares.opened(link) if link else None


def key_of_page(who: Rights, link: str = "") -> str:
    """Key for a page of this visitor: of the link it came by, and its own secret where there are no cookies."""
    page = "" if who.cookies else who.page or _PAGE + secrets.token_urlsafe(32)
    return "~".join(part for part in (page, link) if part)


def own_key(share_id: str) -> str:
    """Key under which whoever shared a plan goes on with it; no secret."""
    return _OWN + share_id


def links_of(share_id: str, who: Rights) -> tuple[str, str]:
    """Secrets of the links of a shared plan to read and to edit, as its maker has them."""
    read, edit = (visitor.secret_for(f"{purpose} {share_id}", who.page) for purpose in ("read", "edit"))
    return f"{READ}{read}", f"{EDIT}{edit}"


def plan_address(plan: str, lang: str, key: str = "") -> str:
    """Address of the page of a plan, within the site."""
    more = f"&key={key}" if key else ""
    return f"plannen?plan={plan}&lang={lang}{more}"
