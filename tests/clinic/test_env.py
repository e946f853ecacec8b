"""Settings read from the environment are refused by name, and never show a password."""

import pytest

from clinic import env


@pytest.fixture
def given(monkeypatch):
    return monkeypatch.setenv


def test_a_number_out_of_range_is_refused_with_the_range(given):
    given("REMINDER_WINDOW", "25")
    with pytest.raises(env.BadSetting, match=r"^REMINDER_WINDOW=25: hours go from 0 to 24\.$"):
        env.whole("REMINDER_WINDOW", 2, low=0, high=24, unit="hours")


def test_a_number_with_a_unit_is_refused_with_the_range(given):
    given("REMINDER_WINDOW", "25h")
    with pytest.raises(env.BadSetting, match=r"^REMINDER_WINDOW=25h: hours go from 0 to 24\.$"):
        env.whole("REMINDER_WINDOW", 2, low=0, high=24, unit="hours")


@pytest.mark.parametrize("value", ["0", "24"])
def test_both_ends_of_a_range_are_allowed(given, value):
    given("REMINDER_WINDOW", value)
    assert env.whole("REMINDER_WINDOW", 2, low=0, high=24, unit="hours") == int(value)


def test_an_empty_value_counts_as_not_set(given):
    given("REMINDER_WINDOW", " ")
    assert env.whole("REMINDER_WINDOW", 2, low=0, high=24, unit="hours") == 2


@pytest.mark.parametrize(("value", "means"), [("on", True), ("Yes", True), ("0", False), ("off", False)])
def test_a_switch_reads_the_usual_words(given, value, means):
    given("SWITCH", value)
    assert env.flag("SWITCH", not means) is means


def test_a_switch_refuses_any_other_word(given):
    given("SWITCH", "maybe")
    with pytest.raises(env.BadSetting, match=r"^SWITCH=maybe: say on or off\.$"):
        env.flag("SWITCH", False)


@pytest.mark.parametrize("value", ["clinic.example", "ftp://clinic.example", "https://clinic.example/stepwell"])
def test_a_site_address_needs_a_scheme_and_no_path(given, value):
    given("SITE_URL", value)
    with pytest.raises(env.BadSetting, match="SITE_URL="):
        env.site_url("SITE_URL")


@pytest.mark.parametrize("value", ["mailto:secret", "nonsense://user:secret@host", "secret"])
def test_a_bad_mail_address_is_refused_without_its_password(given, value):
    given("EMAIL_URL", value)
    with pytest.raises(env.BadSetting) as refusal:
        env.email("EMAIL_URL", "")
    assert (refusal.value.name, "secret" in str(refusal.value)) == ("EMAIL_URL", False)


@pytest.mark.parametrize("value", ["oracel://user:secret@host/x", "secret", "postgres://user:secret@host:port/x"])
def test_a_bad_database_address_is_refused_without_its_password(given, value):
    given("DATABASE_URL", value)
    with pytest.raises(env.BadSetting) as refusal:
        env.database("DATABASE_URL", "")
    assert (refusal.value.name, "secret" in str(refusal.value)) == ("DATABASE_URL", False)


def test_a_bad_redis_address_is_refused_without_its_password(given):
    given("REDIS_URL", "http://:secret@host")
    with pytest.raises(env.BadSetting) as refusal:
        env.redis("REDIS_URL", "")
    assert (refusal.value.name, "secret" in str(refusal.value)) == ("REDIS_URL", False)


def test_a_word_outside_the_choices_is_refused_with_the_choices(given):
    given("LOG_LEVEL", "loud")
    with pytest.raises(env.BadSetting, match=r"^LOG_LEVEL=loud: one of ERROR, INFO\.$"):
        env.choice("LOG_LEVEL", "INFO", {"INFO", "ERROR"})
