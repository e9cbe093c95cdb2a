"""The demo's customers: who they are, and what they owe.

An item is an amount before tax and how late it is: days after the due date (negative: before it), or the step that falls on the
day of the demo: ``note`` (3 days before), ``day`` (due today), ``r1`` ``r2`` ``r3`` (reminders) or ``formal``; ``r1-1`` fell on the
day before. A third part names the currency, or says how many days after its due date the item was paid: ``paid 12``.
"""

from dataclasses import dataclass, field
from zlib import crc32

PHONES = {
    "nb_NO": "+47 00 {3} {0} {1}",
    "de_DE": "+49 30 23125 {2}",
    "fr_FR": "+33 4 65 71 {0} {1}",
    "en_US": "+1 202 555 01{0}",
}
COUNTRIES = {"nb_NO": "NO", "de_DE": "DE", "fr_FR": "FR", "en_US": "US"}


@dataclass(frozen=True)
class Customer:
    """A customer. `kind`: business, consumer, public, or trader (an individual with a VAT number)."""

    name: str
    kind: str
    lang: str
    address: tuple[str, str, str] | None
    items: tuple[tuple, ...]
    traits: frozenset[str] = field(default_factory=frozenset)
    currency: str = "NOK"

    @property
    def country(self) -> str:
        """Code of the country: that of the language, but for who pays in pounds."""
        return "GB" if self.currency == "GBP" else COUNTRIES[self.lang]

    @property
    def email(self) -> str | None:
        """An address at a domain that cannot exist."""
        if {"no e-mail", "unreachable"} & self.traits:
            return None
        plain = self.name.lower().translate(str.maketrans("æøåäöüéèçß&,. '", "aoaaoueecs-----")).strip("-")
        return f"post@{'-'.join(part for part in plain.split('-') if part)}.example"

    @property
    def phone(self) -> str:
        """A number that is nobody's: from the ranges kept for films, and in Norway with a zero in front."""
        number = crc32(self.name.encode())
        pattern = PHONES.get(self.lang, PHONES["en_US"])
        pairs = [f"{number // 100**place % 100:02d}" for place in range(3)]
        return pattern.format(pairs[0], pairs[1], f"{number % 1000:03d}", pairs[2])


def _customer(name, kind, lang, address, *items, traits=(), currency="NOK"):
    street, _comma, place = address.partition(", ")
    code, _blank, city = place.partition(" ")
    return Customer(name, kind, lang, (street, code, city) if address else None, items, frozenset(traits), currency)


CUSTOMERS = (
    # Norway: businesses on every step
    _customer("Fjellvik Bygg AS", "business", "nb_NO", "Verkstedveien 4, 2624 Lillehammer", (18400, "r1"), (2600, -12)),
    _customer("Havgløtt Sjømat AS", "business", "nb_NO", "Bryggekanten 9, 6004 Ålesund", (42750, "r2"), (7300, 5)),
    _customer(
        "Nordtind Elektro AS",
        "business",
        "nb_NO",
        "Industrigata 31, 8514 Narvik",
        (9980, "r3-1"),
        (4300, 150, "paid 24"),
        (6150, 120, "paid 38"),
        (5200, 95, "paid 41"),
    ),
    _customer(
        "Solberg Møbler AS",
        "business",
        "nb_NO",
        "Torggata 2, 1707 Sarpsborg",
        (63200, "formal"),
        (11250, "r1"),
        (4100, -6),
    ),
    _customer(
        "Brattli Transport AS", "business", "nb_NO", "Omkjøringsveien 70, 7046 Trondheim", (15300, -20), (8800, -5)
    ),
    _customer("Vestkant Kaffebar AS", "business", "nb_NO", "Strandkaien 18, 5013 Bergen", (3450, "note")),
    _customer("Lund & Berg Arkitekter AS", "business", "nb_NO", "Rådhusgata 7, 0151 Oslo", (27600, "day")),
    _customer(
        "Kvitfjell Hotell AS",
        "business",
        "nb_NO",
        "Fjellvegen 100, 2634 Fåvang",
        (31900, 5),
        (12500, -25),
        traits=["promise due"],
    ),
    _customer(
        "Namdal Ysteri AS", "business", "nb_NO", "Meieriveien 2, 7800 Namsos", (17250, 14), traits=["promise waits"]
    ),
    _customer("Romsdal Rør AS", "business", "nb_NO", "Kaigata 18, 6413 Molde", (28600, 13), traits=["disputes a part"]),
    _customer(
        "Innherred Trelast AS",
        "business",
        "nb_NO",
        "Sagveien 1, 7650 Verdal",
        (52400, 12),
        traits=["instalments", "nobody answered"],
    ),
    _customer(
        "Østfold Renhold AS",
        "business",
        "nb_NO",
        "Mosseveien 22, 1610 Fredrikstad",
        (14800, "r1"),
        traits=["paid half"],
    ),
    _customer("Gullvåg Regnskap AS", "business", "nb_NO", "Storgata 41, 7600 Levanger", (6900, 8), traits=["paid"]),
    _customer(
        "Tromsø Kajakk AS", "business", "nb_NO", "Sjøgata 3, 9008 Tromsø", (8200, "r2"), traits=["money in the bank"]
    ),
    _customer("Rørosull AS", "business", "nb_NO", "Kjerkgata 20, 7374 Røros", (5600, "r2"), traits=["credit note"]),
    _customer(
        "Sørlandet Båt AS", "business", "nb_NO", "Brygga 5, 4790 Lillesand", (21700, "r2"), traits=["draft credit note"]
    ),
    _customer(
        "Elverum Landbruk SA", "business", "nb_NO", "Grindalsveien 3, 2406 Elverum", (19300, "r3"), traits=["paused"]
    ),
    _customer(
        "Hardanger Saft AS",
        "business",
        "nb_NO",
        "Eidfjordvegen 8, 5783 Eidfjord",
        (4750, 25),
        (3900, "r1"),
        traits=["no follow-up"],
    ),
    _customer("Vadsø Mekaniske AS", "business", "nb_NO", "Havnegata 2, 9800 Vadsø", (13900, 12), traits=["never sent"]),
    _customer(
        "Ringerike Glass AS", "business", "nb_NO", "Hønengata 15, 3513 Hønefoss", (7700, "r2-1"), traits=["no e-mail"]
    ),
    _customer("Setesdal Sølv AS", "business", "nb_NO", "", (2950, 40), traits=["unreachable"]),
    _customer("Jæren Potet AS", "business", "nb_NO", "Torlandsvegen 6, 4365 Nærbø", (11600, 40), traits=["never"]),
    # Norway: what the last evening's mails came to, a promise, and a pause
    _customer(
        "Grønn Gren Hagesenter AS",
        "business",
        "nb_NO",
        "Gartnerveien 6, 1816 Skiptvet",
        (16800, "r1-1"),
        traits=["bounces"],
    ),
    _customer("Fauske Fiskemat AS", "business", "nb_NO", "", (23400, "r2-1"), traits=["mailbox full"]),
    _customer(
        "Lofoten Rorbuer AS",
        "business",
        "nb_NO",
        "Rorbuveien 44, 8310 Kabelvåg",
        (12900, "r1-1"),
        traits=["answer lost"],
    ),
    _customer(
        "Snåsa Steinindustri AS", "business", "nb_NO", "Bruddet 1, 7760 Snåsa", (46200, 15), traits=["broken promise"]
    ),
    _customer(
        "Vinje Camping AS", "business", "nb_NO", "Vinjevegen 12, 3890 Vinje", (8750, "r2"), traits=["pause ends"]
    ),
    # Norway: people and public bodies
    _customer("Ola Nordbø", "consumer", "nb_NO", "Bakkegata 14, 0467 Oslo", (1490, "r1"), (890, -9), traits=["portal"]),
    _customer("Ingrid Haugen", "consumer", "nb_NO", "Elvebakken 3, 7030 Trondheim", (2290, "r2")),
    _customer("Per Strand", "consumer", "nb_NO", "Nygata 8, 3015 Drammen", (4990, "formal-1")),
    _customer("Sigrid Moe", "consumer", "nb_NO", "Solveien 27, 5222 Nesttun", (790, "note")),
    _customer("Even Aas", "trader", "nb_NO", "Smedgata 1, 2316 Hamar", (6480, "r1")),
    _customer("Liten rest, Tove Vik", "consumer", "nb_NO", "Fagerlia 5, 6008 Ålesund", (6, 40)),
    _customer("Steinvik kommune", "public", "nb_NO", "Rådhusplassen 1, 7716 Steinkjer", (38900, "r1"), (12400, "day")),
    # Germany, in euro
    _customer(
        "Müller & Söhne Maschinenbau GmbH",
        "business",
        "de_DE",
        "Industriestraße 88, 44147 Dortmund",
        (5840, "r2"),
        (1320, 3),
        currency="EUR",
    ),
    _customer(
        "Kranich Optik GmbH", "business", "de_DE", "Carl-Zeiss-Straße 5, 07745 Jena", (9150, "formal-1"), currency="EUR"
    ),
    _customer(
        "Elbufer Logistik GmbH",
        "business",
        "de_DE",
        "Am Sandtorkai 30, 20457 Hamburg",
        (7600, "r3"),
        (4200, "r1", "USD"),
        currency="EUR",
    ),
    _customer("Anna Schmitz", "consumer", "de_DE", "Lindenallee 11, 50968 Köln", (189, "r2-1"), currency="EUR"),
    _customer("Gemeinde Grünwiese", "public", "de_DE", "Marktplatz 1, 17489 Greifswald", (2480, "r2"), currency="EUR"),
    # France, in euro
    _customer(
        "Atelier Lavande SARL", "business", "fr_FR", "12 rue des Oliviers, 84000 Avignon", (3275, "r3"), currency="EUR"
    ),
    _customer(
        "Boulangerie Petitjean", "trader", "fr_FR", "3 place du Marché, 67000 Strasbourg", (640, "r1-1"), currency="EUR"
    ),
    _customer("Claire Dubois", "consumer", "fr_FR", "27 quai de Saône, 69005 Lyon", (240, "day"), currency="EUR"),
    _customer(
        "Mairie de Bellerive",
        "public",
        "fr_FR",
        "1 place de la République, 03700 Bellerive-sur-Allier",
        (1890, 12),
        traits=["call back"],
        currency="EUR",
    ),
    # English speakers
    _customer(
        "Harbor & Sons Inc.", "business", "en_US", "400 Commercial Street, 04101 Portland", (8700, "r1"), currency="USD"
    ),
    _customer(
        "Blue Spruce Outfitters LLC",
        "business",
        "en_US",
        "77 Pearl Street, 05401 Burlington",
        (3100, "formal"),
        currency="USD",
    ),
    _customer(
        "Maple Lane Books",
        "business",
        "en_US",
        "9 Maple Lane, 02138 Cambridge",
        (1250, "r1"),
        traits=["blacklisted"],
        currency="USD",
    ),
    _customer(
        "Thornfield Papers Ltd",
        "business",
        "en_US",
        "2 Mill Road, LS1\N{NO-BREAK SPACE}4AB Leeds",
        (2900, "r3"),
        traits=["copy to payer"],
        currency="GBP",
    ),
    # Who paid in the end: what notices bring
    _customer(
        "Bjørk & Bark AS",
        "business",
        "nb_NO",
        "Barkveien 3, 2212 Kongsvinger",
        (6400, 140, "paid -2"),
        (7100, 125, "paid 0"),
        (3900, 110, "paid -1"),
        (8800, 95, "paid -3"),
        (14200, 75, "paid 12"),
        (9800, 41, "paid 3"),
    ),
    _customer(
        "Dovre Reiser AS",
        "business",
        "nb_NO",
        "Stasjonsvegen 5, 2662 Dovre",
        (2600, 140, "paid 31"),
        (4400, 125, "paid 28"),
        (23100, 100, "paid 26"),
        (3100, 85, "paid 35"),
        (5400, 62, "paid 9"),
    ),
    # Who has a history, so that grades differ
    _customer(
        "Hallingrud Bygg AS",
        "business",
        "nb_NO",
        "Sentrumsvegen 8, 3550 Gol",
        (12500, 135, "paid -6"),
        (9400, 112, "paid -4"),
        (15800, 90, "paid -5"),
        (7700, 66, "paid -8"),
        (11200, 44, "paid -6"),
        (13900, -12),
    ),
    _customer(
        "Fjordglimt Optikk AS",
        "business",
        "nb_NO",
        "Strandgata 21, 6413 Molde",
        (3200, 130, "paid 0"),
        (2750, 101, "paid 0"),
        (4100, 73, "paid -1"),
        (3600, 45, "paid 0"),
    ),
    _customer(
        "Gärtnerei Sommer GmbH",
        "business",
        "de_DE",
        "Am Teich 7, 14776 Brandenburg",
        (1450, 128, "paid 2"),
        (2300, 99, "paid -1"),
        (1980, 71, "paid 3"),
        (2640, 43, "paid -2"),
        currency="EUR",
    ),
    _customer(
        "Boulangerie du Port SARL",
        "business",
        "fr_FR",
        "11 quai des Salines, 17000 La Rochelle",
        (620, 127, "paid 5"),
        (540, 98, "paid 7"),
        (710, 69, "paid 4"),
        (585, 41, "paid 6"),
        currency="EUR",
    ),
    _customer("Sandnes Hage AS", "business", "nb_NO", "Langgata 19, 4306 Sandnes", (7900, 88, "paid 38")),
    _customer("Kari Nes", "consumer", "nb_NO", "Utsikten 2, 6415 Molde", (1190, 64, "paid 20")),
    _customer(
        "Weber & Kraus OHG",
        "business",
        "de_DE",
        "Ringstraße 14, 04209 Leipzig",
        (3300, 70, "paid 23"),
        (2100, 44, "paid 8"),
        currency="EUR",
    ),
    _customer("Marie Fontaine", "consumer", "fr_FR", "6 rue Haute, 21000 Dijon", (310, 95, "paid 25"), currency="EUR"),
    _customer(
        "Ridge Line Goods LLC",
        "business",
        "en_US",
        "18 Ridge Road, 05001 Hartford",
        (2400, 66, "paid 10"),
        currency="USD",
    ),
)

# What another system had sent before: the loader's own format. {n} is the day n days ago.
LOADED = """\
customer_number;customer_name;document;date;due_date;currency;open_amount;level_reached;last_notice;reminders_sent;email;street;zip;city;country;language
70011;Gammel Gjeld AS;2024-1187;{231};{200};NOK;17350.00;;;;post@gammel-gjeld.example;Skippergata 6;4611;Kristiansand;NO;nb_NO
70012;Treverk Øst AS;2025-0412;{75};{45};NOK;9400.50;2;{14};2;post@treverk-ost.example;Grenseveien 80;0663;Oslo;NO;nb_NO
70013;Rheintal Pumpen GmbH;RE-50118;{95};{65};EUR;4715.20;3;{21};3;post@rheintal-pumpen.example;Hafenstraße 2;77694;Kehl;DE;de_DE
70014;Quincaillerie Morel;F-2210;{70};{60};EUR;812.00;1;{5};1;post@quincaillerie-morel.example;8 rue du Port;17000;La Rochelle;FR;fr_FR
"""
