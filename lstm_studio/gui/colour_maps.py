"""Colour maps as tables of 256 colours."""

from __future__ import annotations

from functools import lru_cache

import numpy as np


@lru_cache(maxsize=8)
def ramp(points: tuple[str, ...]) -> np.ndarray:
    """uint8 [256, 4] from the first "#RRGGBB" to the last, all opaque.

    Interpolated in OKLab (Ottosson, "A perceptual color space for image processing", 2020), so that steps look even.
    """
    rgb = np.array([[int(p[i : i + 2], 16) / 255 for i in (1, 3, 5)] for p in points])
    lab = to_oklab(rgb)
    at, fine = np.linspace(0, 1, len(points)), np.linspace(0, 1, 256)
    mixed = np.stack([np.interp(fine, at, lab[:, k]) for k in range(3)], axis=1)
    table = np.full((256, 4), 255, np.uint8)
    table[:, :3] = np.rint(_from_oklab(mixed) * 255)
    table.setflags(write=False)
    return table


_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def to_oklab(rgb: np.ndarray) -> np.ndarray:
    """sRGB in 0..1, [N, 3], to lightness, green-red and blue-yellow."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return np.cbrt(linear @ _LMS.T) @ _LAB.T


def _from_oklab(lab: np.ndarray) -> np.ndarray:
    linear = (lab @ np.linalg.inv(_LAB).T) ** 3 @ np.linalg.inv(_LMS).T
    linear = np.clip(linear, 0, 1)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
