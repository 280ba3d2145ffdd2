from __future__ import annotations

from workstation.imaging.presets import presets_for


def test_ct_windows_are_offered_only_in_hounsfield_units() -> None:
    """B32: disabled on other values."""
    assert presets_for("CT", "HU")
    assert presets_for("CT", "") == ()
    assert presets_for("MR", "") == ()


def test_keys_are_unique_and_leave_the_headers_windows_alone() -> None:
    """B32: keys 3 to 9; 1 and 2 are the header's."""
    keys = [preset.key for preset in presets_for("CT", "HU") if preset.key is not None]
    assert keys == sorted(set(keys))
    assert set(keys) <= set(range(3, 10))


def test_widths_and_centres_are_the_usual_ones() -> None:
    """B32: width / centre."""
    windows = {preset.name: (preset.window.width, preset.window.center) for preset in presets_for("CT", "HU")}
    assert windows["Brain"] == (80, 40)
    assert windows["Lung"] == (1500, -600)
    assert windows["Angio"] == (600, 300)
