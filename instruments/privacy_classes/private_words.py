"""Words by which a question shows how private its answer is. Drafts; a helper, never a verdict.

Special categories are those of UK GDPR articles 9 and 10, and immigration status, which is guarded alike here.
"""

from __future__ import annotations

from instruments.privacy_classes.wording import Words

ETHNIC = Words(
    {
        "en": (
            "ethnic*",
            "race",
            "racial",
            "tribe*",
            "clan*",
            "caste",
            "skin colour",
            "heritage",
            "gypsy",
            "roma",
            "pakistani",
            "bangladeshi",
            "indian",
            "somali",
            "arab",
            "black",
            "white",
            "asian",
            "african",
            "caribbean",
        ),
        "ar": ("العرق", "عرقك", "عرقية", "العرقية", "القبيلة", "قبيلتك", "العشيرة", "أصلك"),
        "ur": ("نسل*", "قبیلہ", "ذات", "برادری"),
        "bn": ("জাতিগত*", "জাতিসত্তা*", "গোত্র*", "বর্ণ"),
        "so": ("qowmiyad*", "qabiil*", "qoomiyad*"),
        "tr": ("etnik*", "ırk*", "aşiret*"),
    }
)
RELIGION = Words({
    "en": ("religio*", "faith*", "muslim*", "islam*", "mosque*", "christian*", "church*", "jewish", "synagogue*",
           "hindu*", "sikh*", "buddhis*", "atheis*", "pray*", "worship*", "denomination*", "sect", "halal", "hijab*",
           "ramadan", "belief*"),
    "ar": ("دين", "دينك", "الدين", "ديانة", "ديانتك", "الديانة", "ديني*", "مسجد*", "المسجد", "صلاة", "الصلاة", "مسلم*",
           "مذهب*", "المذهب"),
    "ur": ("مذہب*", "دین", "مسجد*", "نماز*", "مسلمان*", "فرقہ", "عقیدہ"),
    "bn": ("ধর্ম*", "মসজিদ*", "নামাজ*", "মুসলিম*", "মুসলমান*", "হিন্দু*"),
    "so": ("diin*", "masjid*", "masaajid*", "salaad*", "muslim*"),
    "tr": ("din", "dini", "dininiz", "inanç*", "cami", "camiye", "namaz*", "müslüman*", "mezhep*", "ibadet*"),
})  # fmt: skip
DISABILITY = Words({
    "en": ("disab*", "impairment*", "wheelchair*", "hearing aid*", "learning difficult*", "autis*", "dyslexi*",
           "special needs"),
    "ar": ("إعاقة", "الإعاقة", "إعاقات", "معاق*"),
    "ur": ("معذور*",),
    "bn": ("প্রতিবন্ধ*",),
    "so": ("naafo*", "naafanimo*"),
    "tr": ("engelli*", "engeliniz", "sakat*"),
})  # fmt: skip
HEALTH = Words({
    "en": ("health*", "ill", "illness*", "disease*", "medic*", "diagnos*", "symptom*", "depress*", "anxi*", "mental*",
           "pregnan*", "hiv", "vaccin*", "smok*", "alcohol", "drug", "drugs", "hospital*", "therap*", "counselling",
           "suicid*", "self harm", "blood pressure", "weight", "diabet*", "cancer", "covid*"),
    "ar": ("صحة", "الصحة", "صحتك", "صحية", "الصحية", "مرض*", "المرض", "أمراض", "دواء", "حامل", "اكتئاب", "مستشفى"),
    "ur": ("صحت*", "بیمار*", "مرض", "دوا*", "حاملہ", "ڈپریشن", "ہسپتال"),
    "bn": ("স্বাস্থ্য*", "রোগ*", "অসুস্থ*", "ওষুধ*", "গর্ভবতী*", "বিষণ্ণ*", "হাসপাতাল*"),
    "so": ("caafimaad*", "xanuun*", "cudur*", "daawo*", "uur", "isbitaal*"),
    "tr": ("sağlık*", "sağlığ*", "hastalı*", "ilaç*", "hamile*", "depresyon*", "hastane*"),
})  # fmt: skip
SEXUAL = Words({
    "en": ("sexual*", "sexuality", "gay", "lesbian*", "bisexual*", "lgbt*", "heterosexual*", "transgender*", "trans",
           "gender identity", "at birth", "sex life", "contracept*", "condom*"),
    "ar": ("الميل الجنسي", "ميولك الجنسية", "الميول الجنسية", "جنسية مثلية", "مثلي*"),
    "ur": ("جنسی*", "ہم جنس*"),
    "bn": ("যৌন*", "সমকামী*"),
    "so": ("galmo*", "jinsi ahaan"),
    "tr": ("cinsel*", "eşcinsel*"),
})  # fmt: skip
POLITICAL = Words(
    {
        "en": ("politic*", "vote", "voted", "voting", "election*", "which party", "conservative*", "labour party"),
        "ar": ("سياسي*", "السياسية", "حزب*", "الحزب", "انتخاب*", "الانتخابات", "صوت"),
        "ur": ("سیاس*", "ووٹ*", "انتخاب*", "پارٹی"),
        "bn": ("রাজনী*", "রাজনৈতিক*", "ভোট*", "নির্বাচন*"),
        "so": ("siyaasad*", "siyaasi*", "codee*", "doorasho*", "xisbi*"),
        "tr": ("siyas*", "oy", "seçim*", "parti", "partiye"),
    }
)
UNION = Words({"en": ("trade union*", "union member*", "a union", "staff association*", "police federation")})
GENETIC = Words({"en": ("dna", "genetic*", "fingerprint*", "blood group", "blood type", "biometric*")})
IMMIGRATION = Words({
    "en": ("immigra*", "asylum", "refugee*", "visa", "visas", "right to remain", "leave to remain", "undocumented",
           "residence permit*", "deport*", "settled status"),
    "ar": ("لاجئ*", "لجوء", "اللجوء", "إقامة", "الإقامة", "تأشيرة", "الهجرة"),
    "ur": ("پناہ گزین*", "پناہ", "ویزا", "امیگریشن"),
    "bn": ("শরণার্থী*", "আশ্রয়প্রার্থী*", "ভিসা*", "অভিবাসন*"),
    "so": ("qaxooti*", "magangelyo*", "fiiso*", "socdaalka"),
    "tr": ("mülteci*", "sığınma*", "vize*", "oturma izni*", "göçmen*"),
})  # fmt: skip
OFFENCES = Words({
    "en": ("arrest*", "convict*", "criminal record*", "offence*", "offend*", "prison*", "cautioned", "probation",
           "in court", "charged with", "broken the law", "gang", "gangs", "stolen", "steal"),
    "ar": ("اعتقل*", "اعتقال*", "سجن*", "السجن", "جريمة", "إدانة", "سوابق"),
    "ur": ("گرفتار*", "جیل", "جرم", "سزا"),
    "bn": ("গ্রেপ্তার*", "কারাগার*", "জেল", "অপরাধ*", "সাজা*"),
    "so": ("xidh*", "xabsi*", "dembi*", "dambi*"),
    "tr": ("tutuklan*", "gözaltı*", "hapis*", "cezaevi*", "sabıka*", "suç", "suçu"),
})  # fmt: skip

AGE = Words(
    {
        "en": (
            "age",
            "ages",
            "aged",
            "age group*",
            "how old",
            "years old",
            "or older",
            "or over",
            "year of birth",
            "birth year",
            "yob",
        ),
        "ar": ("عمر", "عمرك", "العمر", "سنك", "سنة الميلاد"),
        "ur": ("عمر", "سال پیدائش"),
        "bn": ("বয়স*", "জন্মসাল", "জন্ম সাল"),
        "so": ("da'da", "da'daada", "sanadka dhalashada", "immisa jir"),
        "tr": ("yaş", "yaşı", "yaşınız", "kaç yaşında*", "doğum yılı*"),
    }
)
SEX = Words(
    {
        "en": ("sex", "gender", "male or female"),
        "ar": ("الجنس", "جنسك", "النوع الاجتماعي"),
        "ur": ("جنس", "صنف"),
        "bn": ("লিঙ্গ*",),
        "so": ("jinsi*", "lab mise dhedig"),
        "tr": ("cinsiyet*",),
    }
)
PLACES = Words({
    "en": ("area", "areas", "ward", "wards", "village*", "town", "towns", "city", "cities", "borough*", "district*",
           "region*", "county", "province*", "neighbourhood*", "neighborhood*", "street", "estate", "camp", "location",
           "constituency", "site", "country", "postcode*", "where do you live", "where you live", "do you live in",
           "where were you born", "place of birth"),
    "ar": ("قرية", "القرية", "قريتك", "مدينة", "المدينة", "مدينتك", "حي", "الحي", "منطقة", "المنطقة", "منطقتك",
           "محافظة", "المحافظة", "أين تسكن", "أين تعيش", "شارع", "الشارع", "المخيم", "بلد", "البلد"),
    "ur": ("گاؤں", "شہر", "علاقہ", "علاقے", "محلہ", "محلے", "ضلع", "صوبہ", "کہاں رہتے", "کہاں رہتی"),
    "bn": ("গ্রাম*", "শহর*", "এলাকা*", "পাড়া*", "ওয়ার্ড*", "জেলা*", "উপজেলা*", "কোথায় থাকেন", "অঞ্চল*"),
    "so": ("tuulo*", "tuulada*", "magaalo*", "magaalada*", "xaafad*", "degmo*", "degmada*", "gobol*", "ku nooshahay"),
    "tr": ("köy*", "mahalle*", "ilçe*", "şehir*", "şehr*", "semt*", "bölge*", "nerede yaşıyor*", "nerede oturuyor*"),
})  # fmt: skip
SCHOOL = Words({
    "en": ("school*", "college*", "university", "universities", "education", "qualification*", "degree", "study",
           "studying", "pupil*", "student*", "class", "teacher*"),
    "ar": ("مدرسة", "المدرسة", "مدرستك", "جامعة", "الجامعة", "تعليم", "التعليم", "التعليمي", "شهادة"),
    "ur": ("اسکول", "سکول", "کالج", "یونیورسٹی", "تعلیم*"),
    "bn": ("স্কুল*", "বিদ্যালয়*", "কলেজ*", "বিশ্ববিদ্যালয়*", "শিক্ষা*"),
    "so": ("dugsi*", "iskuul*", "jaamacad*", "waxbarasho*"),
    "tr": ("okul*", "üniversite*", "lise*", "eğitim*", "öğrenim*", "mezun*"),
})  # fmt: skip
WORK = Words({
    "en": ("work", "workplace*", "working", "job", "jobs", "occupation*", "profession*", "employ*", "employer*",
           "company", "office", "rank", "role", "unit", "station", "main activity", "unemployed", "retired"),
    "ar": ("عمل", "عملك", "العمل", "وظيفة", "وظيفتك", "مهنة", "مهنتك", "المهنة", "تعمل"),
    "ur": ("کام", "ملازمت", "پیشہ", "نوکری", "روزگار"),
    "bn": ("কাজ", "পেশা*", "চাকরি*", "কর্মস্থল*", "কর্মসংস্থান*"),
    "so": ("shaqo*", "shaqada*", "goobta shaqada", "xirfad*"),
    "tr": ("meslek*", "mesleğ*", "işyeri*", "işiniz", "çalışıyor*", "iş yeri*"),
})  # fmt: skip
HOME = Words({
    "en": ("household*", "family", "families", "married", "marital", "children", "child", "spouse", "partner", "wife",
           "husband", "related to", "live with", "home", "house", "bedroom*", "tenure", "own or rent", "car", "cars"),
    "ar": ("أسرة", "الأسرة", "أسرتك", "عائلة", "العائلة", "عائلتك", "متزوج*", "الحالة الاجتماعية", "أطفال", "منزل*"),
    "ur": ("خاندان*", "گھر*", "شادی*", "ازدواجی", "بچے", "بچوں"),
    "bn": ("পরিবার*", "বৈবাহিক*", "বিবাহিত*", "সন্তান*", "বাড়ি*", "খানা*"),
    "so": ("qoys*", "reer", "guri*", "xaas*", "carruur*", "caruur*"),
    "tr": ("aile*", "hane*", "medeni*", "evli*", "çocuk*", "çocuğ*", "ev", "eviniz*"),
})  # fmt: skip
MONEY = Words(
    {
        "en": ("income*", "salary", "wage", "wages", "earn", "earnings", "pay", "savings"),
        "ar": ("دخل", "دخلك", "الدخل", "راتب*", "الراتب"),
        "ur": ("آمدنی", "تنخواہ"),
        "bn": ("আয়", "বেতন*", "উপার্জন*"),
        "so": ("dakhli*", "mushahar*"),
        "tr": ("gelir*", "maaş*"),
    }
)
ORIGIN = Words(
    {
        "en": (
            "nationality",
            "citizen*",
            "born",
            "mother tongue",
            "first language",
            "language",
            "languages",
            "speak at home",
            "migrat*",
            "came to",
        ),
        "ar": ("جنسية", "جنسيتك", "الجنسية", "لغتك", "اللغة الأم", "مولود*"),
        "ur": ("قومیت", "شہریت", "مادری زبان"),
        "bn": ("জাতীয়তা*", "নাগরিকত্ব*", "মাতৃভাষা*"),
        "so": ("jinsiyad*", "dhalasho*", "luqad*"),
        "tr": ("uyruk*", "vatandaş*", "anadil*", "ana dil*"),
    }
)
# What a person would not want told, though no law names it.
HARM = Words({
    "en": ("victim*", "violence", "violent", "abuse*", "abusive", "assault*", "harass*", "bull*ied", "bullying",
           "discriminat*", "hate crime*", "threat*", "debt*", "benefits", "homeless*", "stop and search*",
           "stopped and searched", "stopped by", "been stopped", "searched you", "complain*", "afraid of",
           "radical*", "extremis*"),
    "ar": ("عنف", "العنف", "ضحية", "اعتداء", "تمييز", "التمييز", "تحرش", "تهديد*", "ديون"),
    "ur": ("تشدد", "ہراساں*", "امتیازی", "دھمکی*", "قرض*"),
    "bn": ("সহিংস*", "নির্যাতন*", "হয়রানি*", "বৈষম্য*", "হুমকি*", "ঋণ*"),
    "so": ("rabshad*", "dhibane*", "takoor*", "hanjabaad*", "deyn*"),
    "tr": ("şiddet*", "mağdur*", "taciz*", "ayrımcılı*", "tehdit*", "borç*", "borc*"),
})  # fmt: skip
# Roles and kinds of which a place has one or few.
RARE = Words({
    "en": ("chief", "mayor", "imam", "priest", "rabbi", "vicar", "councillor*", "head teacher", "headteacher",
           "director", "inspector", "superintendent", "self describe", "non binary", "intersex", "traveller*", "rare*"),
})  # fmt: skip

# Answers that say what somebody thinks or feels, and how often something happens.
RATED = Words({
    "en": ("agree", "disagree", "satisfied", "dissatisfied", "good", "fair", "poor", "bad", "excellent", "likely",
           "unlikely", "important", "unimportant", "easy", "difficult", "hard", "not at all", "a little", "a lot",
           "a great deal", "very much", "completely", "somewhat", "neither", "neutral", "extremely", "confident",
           "safe", "unsafe", "trust", "worse", "better", "the same", "happy", "unhappy", "true of"),
    "ar": ("أوافق*", "موافق*", "راض*", "جيد*", "سيئ*", "ممتاز*", "مهم*", "سهل", "صعب", "محايد"),
    "ur": ("متفق*", "مطمئن", "اچھا", "اچھی", "برا", "خراب", "اہم", "آسان", "مشکل"),
    "bn": ("একমত*", "সন্তুষ্ট*", "ভালো", "খারাপ", "গুরুত্বপূর্ণ*", "সহজ", "কঠিন"),
    "so": ("waan ku raacsan*", "waan oggolah*", "kuma raacsani", "fiican", "xun", "muhiim*", "fudud", "adag"),
    "tr": ("katılıyor*", "katılmıyor*", "memnun*", "iyi", "kötü", "orta", "önemli*", "kolay*", "zor*", "kararsız*"),
})  # fmt: skip
OFTEN = Words({
    "en": ("never", "rarely", "seldom", "sometimes", "often", "usually", "always", "every day", "once a *",
           "less often", "hardly ever"),
    "ar": ("أبدا", "أبداً", "نادرا", "نادراً", "أحيانا", "أحياناً", "غالبا", "غالباً", "دائما", "دائماً"),
    "ur": ("کبھی نہیں", "کبھی کبھی", "کبھار", "اکثر", "ہمیشہ"),
    "bn": ("কখনও না", "কখনো না", "কখনোই না", "কদাচিৎ", "মাঝে মাঝে", "প্রায়ই", "সবসময়", "সর্বদা"),
    "so": ("marnaba", "mararka qaar*", "badanaa", "had iyo jeer", "mar walba"),
    "tr": ("hiçbir zaman", "nadiren", "bazen", "sık sık", "her zaman", "daima"),
})  # fmt: skip
# How a question begins that asks for a view.
OPINION = Words({
    "en": ("do you agree", "do you think", "do you feel", "do you believe", "in your opinion", "how satisfied",
           "how likely", "how important", "most important", "how easy", "how clear", "how safe", "how good", "how was",
           "was that", "was it", "would you", "should be", "should the",
           "should there", "rather", "prefer*", "how much do you trust", "how well"),
    "ar": ("ما رأيك", "هل تعتقد*", "هل تظن", "ما مدى رضاك", "ما مدى", "هل تفضل"),
    "ur": ("آپ کی رائے", "کیا آپ سمجھتے", "کتنے مطمئن"),
    "bn": ("আপনি কি মনে করেন", "আপনার মতে", "কতটা সন্তুষ্ট"),
    "so": ("ma u malaynaysaa", "ma kula tahay", "fikradda*"),
    "tr": ("sizce", "düşünüyor musunuz", "ne kadar memnun*"),
})  # fmt: skip
