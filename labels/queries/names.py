"""Invented names, such as no dictionary holds: employers, shops, streets, kinds of work."""

from __future__ import annotations

import random

from labels.queries.words import pool


def company(rng: random.Random) -> str:
    """Return an invented employer: 宏远电子, 老王烧烤, 鼎盛, coco奶茶, 某某科技有限公司."""
    kind = rng.random()
    if kind < 0.44:
        return brand(rng) + rng.choice(pool("trades"))
    if kind < 0.52:
        return brand(rng)
    if kind < 0.62:
        return brand(rng) + rng.choice(pool("eateries"))
    if kind < 0.82:
        return _shop(rng)
    if kind < 0.87:
        trade = rng.choice(pool("trades")) if rng.random() < 0.5 else ""
        return brand(rng) + trade + rng.choice(pool("registered"))
    if kind < 0.92:
        return _latin(rng) + rng.choice(
            ("", rng.choice(pool("trades")), rng.choice(pool("eateries")))
        )
    if kind < 0.95:
        return brand(rng) + rng.choice(pool("goods")) + rng.choice(("厂", "", "公司", "集团"))
    return brand(rng) + rng.choice(("集团", "公司", "股份", "控股", "实业", "国际"))


def brand(rng: random.Random) -> str:
    """Return the name before the trade: 宏远, 好邻居, 金太阳."""
    kind = rng.random()
    if kind < 0.3:
        return rng.choice(pool("brand words"))
    length = rng.choices((2, 3, 4), (80, 17, 3))[0]
    return "".join(rng.choices(pool("brand chars"), k=length))


def place(rng: random.Random) -> str:
    """Return an invented place below the county: 莲花村, 金桥路, 阳光花园, 二号桥."""
    length = rng.choices((1, 2, 3), (12, 72, 16))[0]
    kind = rng.random()
    if kind < 0.12:
        name = rng.choice(pool("surnames")) + rng.choice(("家", "各", ""))
    elif kind < 0.2:
        name = rng.choice(pool("brand words"))
    else:
        name = "".join(rng.choices(pool("place chars"), k=length))
    end = rng.choice(pool("place ends"))
    if len(name) == 1 and len(end) == 1 and end in "路街站城山湖港湾":
        name += rng.choice(pool("place chars"))
    return name + end


def workplace(rng: random.Random) -> str:
    """Return a kind of place that sells or makes something: 螺丝厂, 渔具店."""
    return rng.choice(pool("goods")) + rng.choice(pool("shop ends"))


def position(rng: random.Random) -> str:
    """Return a kind of work in words of one's own: 螺丝打包工, 刷盘子, 水下切割工."""
    kind = rng.random()
    if kind < 0.3:
        return rng.choice(pool("goods")) + rng.choice(pool("heads"))
    if kind < 0.45:
        return rng.choice(pool("places before heads")) + rng.choice(pool("heads"))
    act = rng.choice(pool("verbs")) + rng.choice(
        pool("objects") if rng.random() < 0.75 else pool("goods")
    )
    if kind < 0.85:
        return act
    return act + rng.choice(("工", "员", "师傅", "阿姨", "小工", "学徒"))


def _shop(rng: random.Random) -> str:
    """Return a shop called after who keeps it: 老王烧烤, 张记包子铺, 李姐家政."""
    owner = rng.choice(pool("shop owners")).format(
        s=rng.choice(pool("surnames")), g=rng.choice(pool("given"))
    )
    kind = rng.random()
    if kind < 0.7:
        return owner + rng.choice(pool("eateries")) + ("店" if rng.random() < 0.15 else "")
    if kind < 0.95:
        return owner + rng.choice(pool("trades"))
    return owner + rng.choice(pool("goods")) + rng.choice(("店", "铺"))


def _latin(rng: random.Random) -> str:
    if rng.random() < 0.5:
        return rng.choice(pool("latin brands"))
    vowels, others = "aeiou", "bcdfghjklmnpqrstvwxyz"
    return "".join(
        rng.choice(others) + rng.choice(vowels) for _ in range(rng.choice((1, 2, 2, 3)))
    ) + rng.choice(("", "", "n", "s", "x"))
