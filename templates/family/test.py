"""example.some-name: cases worked by hand or published, each with its source. The laws of all families are tested elsewhere."""

import quizgen


def test_a_neuron_by_hand() -> None:
    """2·3 + (-1)·4 + 5 = 7. Source: name it here."""
    question = quizgen.solve("example.some-name", x1=3, x2=4, w1=2, w2=-1, b=5)
    assert question.check("7").right
    assert [mistake.name for mistake in question.check("2").diagnosed] == ["bias forgotten"]
