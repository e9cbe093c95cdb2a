"""What the demo's company sells, as its customers read it."""

GOODS = {
    "Height-adjustable desks": {
        "nb_NO": "Hev- og senkbare skrivebord",
        "de_DE": "Höhenverstellbare Schreibtische",
        "fr_FR": "Bureaux réglables en hauteur",
    },
    "Office chairs": {"nb_NO": "Kontorstoler", "de_DE": "Bürostühle", "fr_FR": "Chaises de bureau"},
    "Filing cabinets": {"nb_NO": "Arkivskap", "de_DE": "Aktenschränke", "fr_FR": "Armoires de classement"},
    "Meeting table, oak": {
        "nb_NO": "Møtebord i eik",
        "de_DE": "Besprechungstisch, Eiche",
        "fr_FR": "Table de réunion en chêne",
    },
    "Acoustic panels": {"nb_NO": "Akustikkpaneler", "de_DE": "Akustikpaneele", "fr_FR": "Panneaux acoustiques"},
    "Monitor arms": {"nb_NO": "Skjermarmer", "de_DE": "Monitorarme", "fr_FR": "Bras pour écran"},
}
OTHER = {
    "Reception desk, made to measure": {
        "nb_NO": "Resepsjonsdisk etter mål",
        "de_DE": "Empfangstheke nach Maß",
        "fr_FR": "Banque d'accueil sur mesure",
    },
    "Returned goods": {"nb_NO": "Returnerte varer", "de_DE": "Retourware", "fr_FR": "Marchandises retournées"},
}


def said(name: str, lang: str) -> str:
    """The name of an article in a customer's language; in English where there is no other."""
    return (GOODS | OTHER).get(name, {}).get(lang, name)
