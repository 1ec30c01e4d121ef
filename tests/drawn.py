"""What a drawing shows, read back from its axes."""

import matplotlib as mpl
import pytest


def squares(ax, *, down):
    """Left and lower coordinate of each square -> its colour and the text that stands in its middle, `down` along y."""
    texts = {text.get_position(): text.get_text() for text in ax.texts}
    return {
        (patch.get_x(), patch.get_y()): (mpl.colors.to_hex(patch.get_facecolor()), text)
        for patch in ax.patches
        for place, text in texts.items()
        if place == pytest.approx((patch.get_x() + 0.5, patch.get_y() + down))
    }
