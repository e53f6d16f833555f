"""Define the ranking models that the ablation compares with the default one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from searchidx.search.ranking_model import DEFAULT_RANKING, RankingModel


@dataclass(frozen=True)
class Model:
    """A ranking model with a name.

    Attributes:
        name: What differs from the default model.
        ranking: The model.
    """

    name: str
    ranking: RankingModel = DEFAULT_RANKING


WHOLE: Final = Model("the whole model")
NO_PAIRS: Final = Model("no pairs", RankingModel(pair_weight=0.0))
NO_MARKS: Final = Model("no marked views", RankingModel(typed_share=0.0, restored_share=0.0))
NO_RESTORED: Final = Model("no restored marks looked up", RankingModel(restored_share=0.0))
NO_RESTORATION: Final = Model(
    "no restored marks at all, for question words neither",
    RankingModel(restored_share=0.0, restore_diacritics=False),
)
PARTS: Final = (
    WHOLE,
    NO_PAIRS,
    NO_MARKS,
    NO_RESTORED,
    NO_RESTORATION,
    Model("question words kept", RankingModel(drop_question_words=False)),
    Model("titles not looked at as wholes", RankingModel(title_match_weight=0.0)),
    Model("named documents with weight 1", RankingModel(code_weight=1.0)),
)
"""The default model, and models with a part of it taken away or replaced."""
WEIGHTS: Final = (
    Model("pairs: flat weight .3", RankingModel(pair_weight=0.3, pair_weight_by_idf=False)),
    Model("— flat .4", RankingModel(pair_weight=0.4, pair_weight_by_idf=False)),
    Model("— by what they tell, .25", RankingModel(pair_weight=0.25)),
    Model("— .75", RankingModel(pair_weight=0.75)),
    Model("share of typed marks .3", RankingModel(typed_share=0.3)),
    Model("— .7", RankingModel(typed_share=0.7)),
    Model("share of restored marks .1", RankingModel(restored_share=0.1)),
    Model("— .4", RankingModel(restored_share=0.4)),
    Model("title weight 1", RankingModel(title_weight=1.0)),
    Model("— 2", RankingModel(title_weight=2.0)),
    Model("— 3", RankingModel(title_weight=3.0)),
    Model("b .5", RankingModel(b=0.5)),
    Model("b .9", RankingModel(b=0.9)),
    Model("k1 .9", RankingModel(k1=0.9)),
    Model("k1 2", RankingModel(k1=2.0)),
)
"""Models with other weights than the default one."""
