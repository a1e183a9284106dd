"""The client's examples are the document's, letter by letter."""

from pathlib import Path

from relay.metascalp import examples

TABLE = Path(__file__).parents[1] / "data" / "metascalp-examples.tsv"


def test_every_example_is_one_of_the_documents():
    printed = {line.partition("\t")[2] for line in TABLE.read_text("utf-8").splitlines()}
    ours = [one for name, one in vars(examples).items() if name.isupper() and isinstance(one, str)]

    assert len(ours) == 18
    assert sorted(ours) == sorted(examples.OF_ROUTES.values())
    assert set(ours) <= printed
