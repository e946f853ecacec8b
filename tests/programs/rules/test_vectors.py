from pathlib import Path

import pytest
import yaml

from programs.rules import Facts, assess, decide

VECTORS = yaml.safe_load(Path(__file__).with_name("progression_vectors.yaml").read_text(encoding="utf-8"))["vectors"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['id']} {vector['note']}")
def test_the_example_is_decided_as_written(vector, rules):
    facts = Facts.from_mapping(vector["in"])
    decision = decide(facts, rules)

    assert (decision.outcome, decision.rule_id) == (vector["out"], vector["rule"])
    assert {finding.code for finding in assess(facts, rules)} == set(vector.get("flags", []))
