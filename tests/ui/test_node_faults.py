"""The form of a node tells all faults, by the one definition of a node (G2, G19)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workstation.network.nodes import Node, NodeError, Tls, Web, check_node
from workstation.ui.node_faults import faults, unused

SOUND = Node("Archive", "ARCHIVE", "archive.example.org", 104)
WEB = Web("https://archive.example.org/dicom-web")


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({}, set()),
        ({"name": " "}, {"name"}),
        ({"ae_title": "A" * 17, "calling": "\\", "move_to": "é"}, {"ae_title", "calling", "move_to"}),
        ({"host": "", "ae_title": ""}, {"host", "ae_title"}),
        ({"host": "a b", "port": 0}, {"host", "port"}),
        ({"host": "", "ae_title": "", "web": WEB}, set()),
        ({"web": Web("ftp://archive")}, {"root"}),
        ({"web": replace(WEB, authentication="oidc")}, {"issuer"}),
        ({"answer_timeout": 0.0}, {"name"}),
        ({"tls": Tls(pinned="00")}, set()),
    ],
)
def test_each_field_is_told_of_its_own_fault(change: dict[str, object], fields: set[str]) -> None:
    node = replace(SOUND, **change)  # type: ignore[arg-type]
    found = faults(node)
    assert set(found) == fields
    for said in found.values():
        assert said.endswith(".")
        assert said[0].isupper()
    if fields:
        with pytest.raises(NodeError):
            check_node(node)
    else:
        check_node(node)


def test_a_name_is_given_once() -> None:
    assert "name" in faults(SOUND, {"Archive"})
    assert unused("Archive", {"Archive", "Archive 2"}) == "Archive 3"
    assert unused("Other", {"Archive"}) == "Other"
