"""Which questions of the groups ask the same idea, by study. A stored version holds no such list, so it stands here.

Wording differs between groups: their means stand side by side as similar questions, and no difference is taken.
"""

from __future__ import annotations

# Of each study: the idea in plain words, then the questions that ask it.
OF_STUDIES: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "working_together": (
        ("Does what it promises", ("yp_trust_2", "po_trust_1", "cl_trust_1")),
        ("Careful with what is shared", ("po_trust_2", "cl_trust_2")),
        ("Known person, relational trust", ("yp_trust_4", "po_trust_3", "cl_trust_3")),
        ("Same goal", ("yp_value_1", "po_value_1", "cl_value_1")),
        ("Open about counter-terrorism role", ("yp_open_3", "po_acc_2", "cl_open_2")),
        ("Feedback given", ("po_acc_3", "cl_open_1")),
        ("Youth listen to religious leaders", ("yp_mosq_1", "po_mosq_1", "cl_auth_1")),
        ("Mosques as partners", ("yp_mosq_3", "po_mosq_2", "cl_mosq_1")),
        ("Local people shape the work", ("yp_focus_1", "po_focus_1", "cl_focus_1")),
        ("Aimed at one community", ("yp_target_1", "po_target_1", "cl_target_1")),
        ("Anger turned to good use", ("yp_emo_4", "po_emo_3", "cl_emo_3")),
        ("Change in trust, two years", ("yp_succ_1", "po_succ_1", "cl_succ_1")),
        ("Helps prevent violence", ("yp_succ_2", "po_succ_2", "cl_succ_2")),
        ("Change in mutual support, two years", ("yp_resil_1", "po_resil_1", "cl_resil_1")),
    ),
}


def mirrors_of(study: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The ideas that several groups of this study are asked about; none for a study that tells of none."""
    return OF_STUDIES.get(study, ())
