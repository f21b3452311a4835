"""Words by which a list of answers shows that it asks for needs, barriers, preferences. Drafts, never a verdict."""

from __future__ import annotations

from instruments.privacy_classes.wording import Words

# How a question asks what somebody needs, prefers, is satisfied with, or what stands in the way.
NEEDS = Words({
    "en": ("barrier*", "obstacle*", "makes it difficult", "made it difficult", "makes it hard", "made it hard",
           "makes it harder", "made it harder", "makes it easier", "made it easier", "stops you from",
           "stopped you from", "stop you from", "keeps you from", "kept you from", "prevent* you from", "put you off",
           "puts you off", "in your way", "would help", "would make it *", "what do you need", "which do you need",
           "need most", "do you most need", "what support", "what help", "would like to see", "priorit*",
           "order of importance", "order of preference", "most important", "matter most", "matters most", "satisf*",
           "dissatisf*", "happy with", "favourite", "reasons for", "reasons why", "main reason", "what do you think",
           "your opinion", "your view", "your views", "like most", "like least", "liked most", "liked least",
           "be improved", "improve first", "expect from"),
    "ar": ("عائق*", "العوائق", "عوائق", "يمنعك", "منعك", "صعوبات", "الصعوبات", "تحتاج إليه", "احتياجات*",
           "حسب الأهمية", "أولويات*", "الأولويات", "يساعدك"),
    "ur": ("رکاوٹ*", "ضروریات", "ترجیحات", "ترجیح*", "اہمیت کے لحاظ", "مدد کرے"),
    "bn": ("বাধা", "বাধাগুলো*", "প্রয়োজনীয়তা*", "অগ্রাধিকার*", "গুরুত্ব অনুসারে", "সাহায্য করবে"),
    "so": ("caqabad*", "mudnaan*", "u baahan tahay", "baahiyaha*", "ku caawin*"),
    "tr": ("engeller", "engelleyen", "ihtiyaç duy*", "ihtiyaçlar*", "öncelik*", "önem sırası*", "tercih*",
           "zorlaştır*", "yardımcı olur*"),
})  # fmt: skip
# What such a list holds: hindrances, and sentences of somebody who thinks, wants or needs.
GIVEN = Words({
    "en": ("cost", "costs", "price*", "expensive", "afford", "too far", "distance", "waiting", "wait",
           "no time", "enough time", "opening hours", "opening times", "inconvenient", "not enough", "nobody listens",
           "did not know", "do not know *", "dont know *", "i feel", "i think", "i believe", "i want", "i would like",
           "i need", "i prefer", "i find", "cheaper"),
})  # fmt: skip
