"""Who is written to: the people in line, and which of them supplies the address of a channel. Plain values."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum


class Why(Enum):
    """Why somebody stands in line, in the order of the line."""

    CHOSEN = "chosen"
    ARRANGEMENT = "arrangement"
    DUNNING_CONTACT = "dunning_contact"
    INVOICES = "invoices"
    INVOICE_CONTACT = "invoice_contact"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class Party:
    """A contact as the line needs it; `email` is normalized."""

    id: int
    parent_id: int | None
    commercial_id: int | None
    type: str | None
    active: bool
    is_company: bool
    name: str | None
    lang: str | None
    phone: str | None
    email: str | None
    street: str | None
    city: str | None
    refuses_mail: bool
    bounced: bool

    def takes_mail(self, formal: bool) -> bool:
        """Whether an e-mail may go there; a formal notice goes to who wants no mailings, too."""
        return bool(self.email and not self.bounced and (formal or not self.refuses_mail))

    @property
    def takes_post(self) -> bool:
        return bool(self.street and self.city)


@dataclass(frozen=True, slots=True)
class Debtor:
    """Whom a customer record names; `alone`: nobody but the addressee may be written to."""

    partner_id: int
    contact_id: int | None
    addressee_id: int | None
    alone: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody's place in line."""

    why: Why
    party: Party


@dataclass(frozen=True, slots=True)
class Address:
    """Who is written to about some invoices of a customer: the first in line, over the first address of each channel.

    `archived` would have stood in line.
    """

    debtor_id: int
    line: tuple[Place, ...]
    archived: tuple[Place, ...]
    formal: bool = False

    @property
    def recipient_id(self) -> int:
        """The contact that is spoken to; the debtor where nobody may be written to."""
        return self.line[0].party.id if self.line else self.debtor_id

    @property
    def why(self) -> Why:
        return self.line[0].why if self.line else Why.CUSTOMER

    @property
    def lang(self) -> str | None:
        """The language of the first in line, or of the next one who has any."""
        return next((place.party.lang for place in self.line if place.party.lang), None)

    @property
    def mail(self) -> Place | None:
        """Whose e-mail address is used."""
        return next((place for place in self.line if place.party.takes_mail(self.formal)), None)

    @property
    def post(self) -> Place | None:
        """Whose postal address is used."""
        return next((place for place in self.line if place.party.takes_post), None)

    @property
    def phone(self) -> str | None:
        return next((place.party.phone for place in self.line if place.party.phone), None)

    @property
    def email(self) -> str | None:
        """The e-mail address to show, even one that no mail may go to now."""
        usable = self.mail
        return usable.party.email if usable else next((p.party.email for p in self.line if p.party.email), None)

    @property
    def is_reachable(self) -> bool:
        return bool(self.mail or self.post)

    @property
    def document_partner_id(self) -> int:
        """Whom a document in the books is made out to: the first in line who belongs to the debtor."""
        own = (place.party.id for place in self.line if place.party.commercial_id == self.debtor_id)
        return next(own, self.debtor_id)


class AddressBook:
    """The addresses of a batch of customers, read once; `of` answers for any of their invoices without a statement.

    :param debtors: `{customer id: Debtor}`
    :param parties: everybody who may stand in line, contacts in the order in which Odoo lists children
    """

    def __init__(self, debtors: dict[int, Debtor], parties: Iterable[Party]):
        self._debtors = debtors
        self._parties = {party.id: party for party in parties}
        self._known: dict[tuple, Address] = {}
        self._children = defaultdict(list)
        for party in self._parties.values():
            if party.parent_id and party.active and not party.is_company:
                self._children[party.parent_id].append(party)

    def of(
        self, customer_id: int, named: Iterable[int | None] = (), formal=False, chosen: int | None = None
    ) -> Address:
        """Who is written to about invoices of this customer.

        :param named: the contacts that these invoices are addressed to; None for entries that name nobody
        :param formal: a formal notice goes to the debtor itself first, and to contacts only for want of an address
        :param chosen: the contact that a person has chosen
        """
        key = (customer_id, frozenset(named), formal, chosen)
        if key not in self._known:
            self._known[key] = self._line(self._debtors[customer_id], *key[1:])
        return self._known[key]

    def _line(self, debtor, named, formal, chosen):
        standing, archived, seen = [], [], set()
        for why, party_id in self._candidates(debtor, named - {None}, formal, chosen):
            party = self._parties.get(party_id)
            if not party or party.id in seen:
                continue
            seen.add(party.id)
            # A debt does not go away with the debtor's record: who archives it is told that dunning goes on.
            known = party.active or party.id == debtor.partner_id
            (standing if known else archived).append(Place(why, party))
        return Address(debtor.partner_id, tuple(standing), tuple(archived), formal)

    def _candidates(self, debtor, named, formal, chosen) -> Iterator[tuple[Why, int | None]]:
        yield Why.CHOSEN, chosen
        yield Why.ARRANGEMENT, debtor.addressee_id
        if debtor.alone:
            return
        if formal:
            yield Why.CUSTOMER, debtor.partner_id
        yield Why.DUNNING_CONTACT, debtor.contact_id
        yield Why.INVOICES, self._named_contact(debtor, named)
        yield Why.INVOICE_CONTACT, self._invoice_contact(debtor.partner_id)
        yield Why.CUSTOMER, debtor.partner_id

    def _named_contact(self, debtor, named):
        """The contact below the debtor that all these invoices name, if they agree on one."""
        if len(named) != 1:
            return None
        party = self._parties.get(next(iter(named)))
        is_contact = party and party.commercial_id == debtor.partner_id and party.id != debtor.partner_id
        return party.id if is_contact else None

    def _invoice_contact(self, partner_id):
        """The invoice contact that Odoo proposes (`res.partner.address_get`): depth first, not into other companies."""
        root = self._parties.get(partner_id)
        waiting = [root] if root else []
        while waiting:
            party = waiting.pop()
            if party.type == "invoice":
                return party.id if party.id != partner_id else None
            waiting.extend(reversed(self._children[party.id]))
        return None
