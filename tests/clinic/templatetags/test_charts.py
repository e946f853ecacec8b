from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from django.template import engines

from clinic.charts import Bar, BarChart, LineChart, Mark, Pair, PairChart, Point, Series

START = date(2026, 9, 14)


def days(*values):
    return [Point(START + timedelta(days=n), value) for n, value in enumerate(values)]


def chart(*values, **more):
    return LineChart(title="Pain", summary="It fell.", series=[Series("During", days(*values))], **more)


def draw(source, **context):
    return engines["django"].from_string("{% load charts %}" + source).render(context)


def drawing(page):
    return ElementTree.fromstring(page[page.index("<svg") : page.index("</svg>") + 6])


def test_a_chart_has_a_title_and_a_description():
    svg = drawing(draw("{% line_chart chart %}", chart=chart(5, 4)))
    assert [svg.find("title").text, svg.find("desc").text] == ["Pain", "It fell."]


def test_a_chart_carries_no_style_of_its_own():
    page = draw("{% line_chart chart %}", chart=chart(5, 4, marks=[Mark(START, "Level 2")], limit=5))
    assert "style=" not in page and "fill=" not in page


def test_the_figures_stand_in_a_table_newest_first():
    page = draw("{% line_chart chart %}", chart=chart(5, None, 4))
    assert page.index("16 Sep 2026") < page.index("14 Sep 2026") and "15 Sep 2026" not in page


def test_a_day_without_a_log_breaks_the_line():
    svg = drawing(draw("{% line_chart chart %}", chart=chart(5, None, 4)))
    assert len(svg.findall("polyline")) == 2


def test_pain_zero_is_drawn_and_not_taken_for_missing():
    svg = drawing(draw("{% line_chart chart %}", chart=chart(0, 0)))
    assert len(svg.findall("circle")) == 2


def test_a_value_beyond_the_scale_stays_inside_the_drawing():
    svg = drawing(draw("{% line_chart chart %}", chart=chart(40, 2)))
    assert float(svg.findall("circle")[0].get("cy")) == 26.0


def test_a_single_day_can_be_drawn():
    assert len(drawing(draw("{% line_chart chart %}", chart=chart(3))).findall("circle")) == 1


def test_a_level_change_is_marked_with_its_words():
    svg = drawing(draw("{% line_chart chart %}", chart=chart(5, 4, marks=[Mark(START, "Level 2")])))
    assert svg.find("g").find("title").text == "14 Sep: Level 2"


def test_a_chart_of_nothing_says_so():
    assert "Nothing logged yet." in draw("{% line_chart chart %}", chart=chart())


@pytest.mark.parametrize("high", [1, 7, 30, 250, 4000])
def test_no_scale_has_more_than_six_lines(high):
    svg = drawing(draw("{% line_chart chart %}", chart=chart(1, high, high=high)))
    assert 2 <= len([line for line in svg.findall("line") if line.get("class") == "grid-line"]) <= 6


def test_names_in_a_chart_are_escaped():
    page = draw(
        "{% bar_chart chart %}", chart=BarChart(title="<b>", summary="&", bars=[Bar("<script>", 1)], unit="<i>")
    )
    assert "<script>" not in page and "<i>" not in page and "<b>" not in page


def test_a_bar_says_its_denominator():
    page = draw("{% bar_chart chart %}", chart=BarChart(title="Logged", summary="-", bars=[Bar("7 days", 5, of=7)]))
    assert "5 / 7" in page


def test_a_sparkline_is_named_in_words():
    assert 'aria-label="pain, last 3"' in draw('{% sparkline values "pain, last 3" %}', values=[5, None, 3])


def test_a_sparkline_of_nothing_is_a_dash():
    assert "–" in draw('{% sparkline values "pain" %}', values=[None, None])


def pairs(**labels):
    shown = [Pair("Moved on", 20, 30.5), Pair("Stopped", None, 0)]
    return draw("{% pair_chart chart %}", chart=PairChart("Of 100", "More moved on.", shown, "As tried", **labels))


def test_before_and_after_stand_under_one_label_with_their_figures():
    svg = drawing(pairs(before_label="Today"))
    assert [text.text for text in svg.findall("text")] == ["Moved on", "20", "30.5", "Stopped", "–", "0"]


def test_the_longest_of_all_bars_fills_the_drawing():
    widths = [float(bar.get("width")) for bar in drawing(pairs(before_label="Today")).findall("rect")]
    assert widths[1] == 570 and widths[0] == pytest.approx(570 * 20 / 30.5, abs=0.1)


def test_without_a_before_there_is_one_bar_each_and_no_key():
    page = pairs()
    assert len(drawing(page).findall("rect")) == 2 and "chart-key" not in page
