"""Words by which a question asks for what leads straight to one person. Drafts; a helper, never a verdict.

Each table holds words by language, as they are written there; `*` stands for any ending or beginning of a word.
"""

from __future__ import annotations

from instruments.privacy_classes.wording import Words

NAME = Words({
    "en": ("name", "names", "named", "fname", "lname", "firstname", "lastname", "fullname", "surname*", "forename*",
           "nickname*", "initials", "are you called", "call you", "who is your", "who referred"),
    "ar": ("اسم", "اسمك", "اسمكم", "اسمه", "اسمها", "الاسم", "أسماء", "الأسماء", "أسماؤ*", "اللقب", "الكنية"),
    "ur": ("نام", "ناموں", "عرفیت"),
    "bn": ("নাম", "নামটি", "নামের", "নামগুলো", "পদবি", "ডাকনাম"),
    "so": ("magac*",),
    "tr": ("ad", "adı", "adın", "adınız", "adınızı", "adları", "isim", "ismi", "isminiz", "isminizi", "soyad*"),
})  # fmt: skip
# Whose name it is: then it is a person's, whatever stands beside it.
PEOPLE = Words({
    "en": ("person", "respondent*", "participant*", "child*", "mother*",
           "father*", "parent*", "head of", "wife", "husband", "partner*", "teacher*", "doctor*", "friend*",
           "interviewer*", "enumerator*", "officer*", "member*", "carer*", "guardian*", "brother*", "sister*",
           "pupil*", "student*", "worker*", "employee*", "colleague*", "neighbour*", "patient*", "owner*", "leader*"),
})  # fmt: skip
# A thing or a place has a name too; then it is not a person's.
THINGS = Words({
    "en": ("organisation*", "organization*", "service*", "project*", "event*", "programme*", "program", "charity",
           "group", "product*", "medicine*", "medication*", "drug*", "language*", "course*", "brand*", "shop*",
           "newspaper*", "app", "website", "team", "activity", "disease*", "crop*", "animal*", "book", "film", "game"),
})  # fmt: skip
PHONE = Words({
    "en": ("phone", "phone number*", "telephone*", "mobile", "cellphone", "cell number", "whatsapp", "landline", "tel",
           "contact number*", "contact details", "emergency contact*", "get in touch", "reach you", "contact you"),
    "ar": ("هاتف*", "الهاتف", "جوال*", "الجوال", "موبايل*", "الموبايل", "تلفون*", "التلفون", "واتساب"),
    "ur": ("فون", "موبائل*", "ٹیلی فون", "واٹس ایپ"),
    "bn": ("ফোন*", "মোবাইল*", "টেলিফোন*", "হোয়াটসঅ্যাপ*"),
    "so": ("taleefan*", "telefoon*", "telefon*", "moobayl*", "mobilka*"),
    "tr": ("telefon*", "cep", "gsm"),
})  # fmt: skip
EMAIL = Words(
    {
        "en": ("email*", "e mail*"),
        "ar": ("بريد", "بريدك", "البريد الإلكتروني", "إيميل*", "الإيميل"),
        "ur": ("ای میل", "ایمیل", "برقی پتہ"),
        "bn": ("ইমেইল*", "ই মেইল*", "ইমেল*"),
        "so": ("iimayl*", "iimeel*", "iimeyl*"),
        "tr": ("e posta*", "eposta*", "mail"),
    }
)
ONLINE = Words({
    "en": ("username*", "user name*", "facebook", "instagram", "twitter", "tiktok", "snapchat", "telegram",
           "social media account*", "social media profile*", "profile link"),
})  # fmt: skip
ADDRESS = Words(
    {
        "en": (
            "address*",
            "house number*",
            "flat number*",
            "door number*",
            "house no",
            "street name",
            "street and number",
            "where exactly do you live",
        ),
        "ar": ("عنوان", "العنوان", "عنوانك", "عنوانكم", "رقم المنزل", "رقم البيت"),
        "ur": ("پتہ", "ایڈریس", "مکان نمبر"),
        "bn": ("ঠিকানা*", "বাড়ির নম্বর", "বাসা নম্বর"),
        "so": ("cinwaan*", "ciwaan*", "lambarka guriga"),
        "tr": ("adres*", "kapı no", "ev numara*"),
    }
)
POSTCODE = Words(
    {
        "en": ("postcode*", "post code*", "postal code*", "zip", "zipcode*"),
        "ar": ("الرمز البريدي", "رمز بريدي", "رمزك البريدي"),
        "ur": ("پوسٹ کوڈ", "پوسٹل کوڈ", "ڈاک کوڈ"),
        "bn": ("পোস্টকোড*", "পোস্ট কোড*", "ডাক কোড*"),
        "so": ("boostkood*", "koodka boosta*"),
        "tr": ("posta kod*",),
    }
)
# Of a postcode: then it is an area and no home.
FIRST_PART = Words({
    "en": ("first half", "first part", "first three", "first four", "outward", "sector", "district", "beginning of",
           "prefix"),
    "ar": ("النصف الأول", "الجزء الأول"),
    "ur": ("پہلا حصہ", "پہلا نصف"),
    "bn": ("প্রথম অংশ", "প্রথম অর্ধেক"),
    "so": ("qaybta hore", "qeybta hore"),
    "tr": ("ilk yarısı", "ilk bölümü", "ilk kısmı"),
})  # fmt: skip
BIRTH = Words({
    "en": ("date of birth", "day of birth", "birth date*", "birthdate*", "birthday*", "birth day", "dob",
           "when were you born", "when was * born", "when was * * born", "born on"),
    "ar": ("تاريخ الميلاد", "تاريخ ميلاد*", "تاريخ الولادة", "تاريخ ولادت*", "متى ولدت", "يوم ميلاد*"),
    "ur": ("تاریخ پیدائش", "یوم پیدائش", "کب پیدا ہوئے", "کب پیدا ہوئیں"),
    "bn": ("জন্ম তারিখ*", "জন্মতারিখ*", "জন্মদিন*"),
    "so": ("taariikhda dhalasha*", "maalinta dhalasha*", "goorma ayaad dhalatay"),
    "tr": ("doğum tarih*", "doğum gün*", "ne zaman doğdu*"),
})  # fmt: skip
NUMBERS = Words({
    "en": ("national insurance", "ni number", "nino", "nhs number*", "passport*", "national id*", "id number*", "id no",
           "id card*", "identity number*", "identity card*", "identification number*", "social security", "ssn",
           "driving licence*", "drivers licen*", "licence number*", "license number*", "registration number*",
           "student number*", "student id*", "staff number*", "staff id*", "employee number*", "employee id*",
           "collar number*", "shoulder number*", "badge number*", "warrant number*", "membership number*",
           "account number*", "bank account*", "sort code", "iban", "card number*", "number plate*", "licence plate*",
           "license plate*", "car registration", "vehicle registration", "case number*", "crime reference*",
           "reference number*", "tax number*", "patient number*", "hospital number*", "ip address*", "unique id*",
           "* id", "badge no", "collar no", "interviewer code", "enumerator code", "upn", "brp", "cnic", "nid"),
    "ar": ("رقم الهوية", "الهوية الوطنية", "بطاقة الهوية", "رقم قومي", "الرقم القومي", "الرقم الوطني", "جواز السفر",
           "جواز سفر*", "رقم الجواز", "رقم الإقامة", "رقم الضمان", "رقم الحساب"),
    "ur": ("شناختی کارڈ", "شناختی نمبر", "قومی شناخت*", "پاسپورٹ*", "اکاؤنٹ نمبر"),
    "bn": ("জাতীয় পরিচয়*", "এনআইডি*", "পরিচয়পত্র*", "পাসপোর্ট*", "অ্যাকাউন্ট নম্বর"),
    "so": ("aqoonsi*", "baasaboor*", "lambarka akoonka"),
    "tr": ("kimlik*", "pasaport*", "tc no", "sicil no", "ehliyet*", "hesap numara*"),
})  # fmt: skip
SIGNATURE = Words(
    {
        "en": ("signature*", "sign here"),
        "ar": ("توقيع*", "التوقيع"),
        "ur": ("دستخط",),
        "bn": ("স্বাক্ষর*",),
        "so": ("saxiix*",),
        "tr": ("imza*",),
    }
)
# A sentence that asks people not to write something does not ask for it.
NOT_WANTED = Words(
    {
        "en": ("do not", "dont", "please avoid", "without", "no names", "never write", "leave out"),
        "ar": ("لا تكتب*", "لا تذكر*", "بدون", "دون ذكر"),
        "ur": ("نہ لکھیں", "مت لکھیں", "بغیر"),
        "bn": ("লিখবেন না", "দেবেন না", "ছাড়া"),
        "so": ("ha qorin", "ha sheegin"),
        "tr": ("yazmayın*", "belirtmeyin*", "vermeden"),
    }
)
# How many there are of something is no number of a person.
COUNTED = Words(
    {
        "en": ("how many", "how much", "how long", "how often", "how old", "how far"),
        "ar": ("كم",),
        "ur": ("کتنے", "کتنی", "کتنا"),
        "bn": ("কত", "কতজন", "কতটি", "কতবার"),
        "so": ("immisa", "imisa", "meeqa"),
        "tr": ("kaç", "ne kadar"),
    }
)
# A question that asks for a view or a story in words, whatever it is about.
VIEW = Words({
    "en": ("why", "how do you feel", "how did", "what do you think", "what could", "how could", "describe", "explain",
           "in your own words", "your view*", "your opinion*", "comment*"),
    "ar": ("لماذا", "ما رأيك", "صف", "اشرح*"),
    "ur": ("کیوں", "آپ کی رائے", "بیان کریں"),
    "bn": ("কেন", "আপনার মতামত", "বর্ণনা করুন"),
    "so": ("maxaa keenay", "sababta", "fikradda*", "sharax*"),
    "tr": ("neden", "niçin", "ne düşünüyor*", "anlatın*", "açıklayın*"),
})  # fmt: skip
