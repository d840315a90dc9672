"""A picture for every product, drawn from its id: hills under a sun, in the shop's colour."""

import random
from itertools import pairwise

from markupsafe import Markup

from stack.demo.shops import Product, Shop


def picture(product: Product, shop: Shop) -> Markup:
    """An inline SVG, 400 by 300, the same for the same product."""
    chance = random.Random(product.id)
    hills = "".join(_hill(chance, layer, shop.accent) for layer in range(4))
    sun = f'<circle cx="{chance.randrange(60, 340)}" cy="{chance.randrange(50, 110)}" r="{chance.randrange(18, 42)}"'
    sky = f'<rect width="400" height="300" fill="{shop.accent}" opacity=".10"/>'
    title = Markup("<title>{}</title>").format(product.name)
    return Markup('<svg viewBox="0 0 400 300" role="img" preserveAspectRatio="xMidYMid slice">{}{}</svg>').format(
        title, Markup(f'{sky}{sun} fill="{shop.accent}" opacity=".35"/>{hills}')
    )


def _hill(chance: random.Random, layer: int, colour: str) -> str:
    base = 150 + layer * 38
    heights = [base + chance.randrange(-46, 30) for _ in range(5)]
    points = [(at * 100, height) for at, height in enumerate(heights)]
    path = f"M0,300 L0,{heights[0]} " + " ".join(
        f"C{x0 + 50},{y0} {x1 - 50},{y1} {x1},{y1}" for (x0, y0), (x1, y1) in pairwise(points)
    )
    return f'<path d="{path} L400,300 Z" fill="{colour}" opacity="{0.22 + layer * 0.2:.2f}"/>'
