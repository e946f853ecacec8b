"""Any facts the command accepts, for property tests: every key drawn from its own shape, edges often."""

from hypothesis import strategies as st

from programs.rules.facts import SHAPES, Facts, Number, OneOf, SomeOf, Truth, Whole


def values(shape):
    match shape:
        case Truth():
            return st.booleans()
        case OneOf(choices, nullable):
            return st.sampled_from([*choices, None] if nullable else choices)
        case SomeOf(choices):
            return st.lists(st.sampled_from(choices), max_size=2).map(tuple)
        case Whole(low, high, nullable):
            numbers = st.integers(low, high if high is not None else low + 40)
            return st.none() | numbers if nullable else numbers
        case Number(low, high):
            whole = st.integers(int(low), int(high if high is not None else low + 100))
            return whole | st.floats(low, high if high is not None else low + 3, allow_nan=False)


_every_key = {key: values(shape) for key, shape in SHAPES.items()}
anything = st.fixed_dictionaries({}, optional=_every_key).map(lambda given: Facts(**given))
# Few differences from a clean log: what reaches the rules that stand last.
nearly_clean = st.lists(st.sampled_from(sorted(SHAPES)), max_size=3, unique=True).flatmap(
    lambda keys: st.fixed_dictionaries({key: _every_key[key] for key in keys}).map(lambda given: Facts(**given))
)
any_facts = nearly_clean | anything
