"""The page /fix/ and what it asks for. Everything here concerns the visitor's own session."""

from pathlib import Path
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response
from starlette.templating import Jinja2Templates

from stockex import __version__
from stockex.core.fix.client.words import Line
from stockex.core.fix.encode import encoded
from stockex.core.fix.framing import SOH
from stockex.core.fix.message import Message
from stockex.core.fix.powers.register import Powers
from stockex.core.fix.powers.rules import Script
from stockex.core.fix.session.settings import SessionSettings
from stockex.core.fix.session.sorting import ADMIN
from stockex.errors import FixError, LogonRefused, NotLoggedOn
from stockex.fix_client.initiator import Venue, dictionary
from stockex.messages.codec import encode, wire_error
from stockex.web.fix.asks import AnyAsk, Form, OfSession, Typed, ask_of, request_of, typed
from stockex.web.fix.desk import Desk
from stockex.web.fix.floor import Floor, give_cookie
from stockex.web.fix.views import Numbers, entry_of
from stockex.web.forms import body_of, fields_of, form_of, unfit
from stockex.web.front import Front
from stockex.web.replies import Fault, Problem, reply

router = APIRouter(prefix="/fix", include_in_schema=False)

_TEMPLATES: Final = Jinja2Templates(Path(__file__).parents[1] / "templates")
_HEARTBEATS: Final = (0, 3600)
_PORTS: Final = (1, 65_535)


class Sent(msgspec.Struct, frozen=True):
    """The number of the message that was sent; None for bytes that have none."""

    number: int | None


class Rules(msgspec.Struct, frozen=True):
    """The rules of the visitor's session, and how often each was met."""

    script: Script
    met: tuple[int, ...]


class Preview(msgspec.Struct, frozen=True):
    """A message that would be sent."""

    raw: str
    lines: tuple[Line, ...]


async def _floor(request: Request) -> Floor:
    floor: Floor = request.app.state.fix
    return floor


AtFloor = Annotated[Floor, Depends(_floor)]


async def _desk(request: Request, floor: AtFloor) -> Desk:
    """Return the visitor's desk. Raises: Problem 401, 503."""
    return floor.desk(request)


AtDesk = Annotated[Desk, Depends(_desk)]


@router.get("")
async def slash() -> Response:
    """Lead to the page."""
    return RedirectResponse("/fix/", status_code=308)


@router.get("/")
async def page(request: Request, floor: AtFloor) -> Response:
    """Show the screen to anybody; it gives the visitor its cookie."""
    place = floor.place
    front: Front | None = getattr(request.app.state, "front", None)
    kinds = {each.msg_type: each.name for each in dictionary().messages.values()}
    context = {
        "nonce": request.state.nonce,
        "front_page": "/fix/" if front is None else front.parts.front_page,
        "is_alone": front is None,
        "demo": place.demo,
        "version": __version__,
        "fix": encode(
            {
                "host": place.venue.host,
                "port": place.venue.port,
                "target": place.target,
                "senders": list(place.senders),
                "demo": place.demo,
                "symbols": list(place.symbols()),
                "kinds": kinds,
            }
        ).decode(),
    }
    response = _TEMPLATES.TemplateResponse(request, "fix.html", context)
    give_cookie(response, floor.admitted(request), is_secure=request.url.scheme == "https")
    return response


@router.post("/api/connect")
async def connect(request: Request, floor: AtFloor, desk: AtDesk) -> Response:
    """Connect and log on; answer with the session when it is up."""
    form = await form_of(request, Form)
    for name, value, (least, most) in (("port", form.port, _PORTS), ("heartbeat_s", form.heartbeat_s, _HEARTBEATS)):
        if not least <= value <= most:
            raise Problem(422, Fault(message=f"`{name}` is from {least} to {most}.", field=name))
    logon = {tag: text for tag, text in ((553, form.username), (554, form.password)) if text}
    if any(not _is_plain(text) for text in (*logon.values(), form.sender, form.target)):
        raise Problem(422, Fault(message="CompIDs, user and password are Latin-1 without control characters."))
    settings = SessionSettings(
        sender=form.sender,
        target=form.target,
        resets_on_logon=form.resets,
        heartbeat_s=form.heartbeat_s,
        logon=logon,
    )
    try:
        await floor.connect(desk, Venue(form.host.strip(), form.port, form.tls), settings=settings)
    except LogonRefused as error:
        raise Problem(409, Fault(message=f"{_sentence(error)}")) from error
    except FixError as error:
        raise Problem(502, Fault(message=_sentence(error), field="host")) from error
    return reply(desk.view())


@router.post("/api/disconnect")
async def disconnect(desk: AtDesk) -> Response:
    """Log out and wait for the end of the connection."""
    await desk.initiator.leave()
    return reply(desk.view())


@router.post("/api/drop")
async def drop(desk: AtDesk) -> Response:
    """Break the line without a Logout."""
    desk.initiator.drop()
    await desk.initiator.closed()
    return reply(desk.view())


@router.post("/api/numbers")
async def numbers(request: Request, desk: AtDesk) -> Response:
    """Set the next number that is expected, and the next one to be sent."""
    form = await form_of(request, Numbers)
    if not (0 < form.expected < 10**9 and 0 < form.next_out < 10**9):
        raise Problem(422, Fault(message="Numbers begin at 1 and have at most nine digits."))
    desk.renumber(form.expected, next_out=form.next_out)
    return reply(desk.view())


@router.post("/api/messages")
async def send(request: Request, floor: AtFloor, desk: AtDesk) -> Response:
    """Send a message. Answers with its number."""
    ask = ask_of(await fields_of(request))
    try:
        return reply(Sent(_sent(ask, desk, at=floor.place.clock())), status=202)
    except NotLoggedOn as error:
        raise Problem(409, Fault(message="Not logged on: connect first.")) from error


@router.post("/api/preview")
async def preview(request: Request, floor: AtFloor, desk: AtDesk) -> Response:
    """Say what would be sent, without numbers and times of the header."""
    ask = ask_of(await fields_of(request))
    with desk.trying():
        found = request_of(ask, desk, at=floor.place.clock())
    if found is None:
        raise Problem(422, Fault(message="Only what is made from a form has a preview.", field="kind"))
    entry = entry_of(encoded(Message(found.msg_type, {}, found.body)), dictionary(), id=0, at=0, way="out")
    framed = {8, 9, 10}
    return reply(Preview(entry.raw, tuple(line for line in entry.lines if line.tag not in framed)))


@router.get("/api/rules")
async def rules(floor: AtFloor, desk: AtDesk) -> Response:
    """Tell by which rules the venue treats the visitor's session badly, and how often."""
    powers, session = _powers(floor, desk)
    return reply(Rules(powers.script(session), powers.met(session)))


@router.put("/api/rules")
async def set_rules(request: Request, floor: AtFloor, desk: AtDesk) -> Response:
    """Set these rules; they count from the next message on."""
    powers, session = _powers(floor, desk)
    try:
        script = msgspec.json.decode(await body_of(request), type=Script)
    except msgspec.MsgspecError as error:
        raise unfit(wire_error(error)) from error
    powers.set(session, script)
    return reply(Rules(script, powers.met(session)))


@router.delete("/api/log")
async def clear(desk: AtDesk) -> Response:
    """Forget the log."""
    desk.clear()
    return reply(desk.view())


@router.get("/api/log")
async def export(desk: AtDesk, form: str = "fix") -> Response:
    """Give the log as a file: `fix` is one frame a line with `|` for SOH, `json` is everything decoded."""
    head = {"Content-Disposition": f'attachment; filename="stockex-fix.{"json" if form == "json" else "log"}"'}
    if form == "json":
        return reply(list(desk.entries), headers=head)
    lines = (f"{entry.at} {entry.way} {entry.raw.replace(SOH, '|') or entry.text}\n" for entry in desk.entries)
    return Response("".join(lines), media_type="text/plain; charset=utf-8", headers=head)


def _powers(floor: Floor, desk: Desk) -> tuple[Powers, str]:
    """Return the rules of all sessions, and which session is the visitor's. Raises: Problem 404, 409."""
    powers = floor.place.powers
    if powers is None:
        raise Problem(404, Fault(message="The gateway is not in this process: give it rules by STOCKEX_FIX_RULES."))
    initiator = desk.initiator
    if not (initiator.is_up and floor.place.is_own(initiator.venue)):
        raise Problem(409, Fault(message="Log on to this exchange first: rules are for your own session."))
    return powers, initiator.settings.sender


def _sent(ask: AnyAsk, desk: Desk, *, at: int) -> int | None:
    """Send what is asked for; return its number. Raises: Problem 422; NotLoggedOn."""
    match ask:
        case OfSession(msg_type=msg_type) if msg_type in ADMIN:
            return desk.initiator.utter(msg_type, _latin(typed(ask.text)))
        case Typed(is_whole=True):
            desk.initiator.write(_latin(typed(ask.text)).encode("latin-1"))
            return None
        case Typed(msg_type=msg_type) if msg_type and _is_plain(msg_type):
            return desk.initiator.utter(msg_type, _latin(typed(ask.text)))
        case _:
            found = request_of(ask, desk, at=at)
            if found is None:
                raise Problem(422, Fault(message="That is no type of message.", field="msg_type"))
            return desk.initiator.send(*found)


def _is_plain(text: str) -> bool:
    return _is_latin(text) and not any(each < " " for each in text)


def _is_latin(text: str) -> bool:
    return all(ord(each) < 0x100 for each in text)  # noqa: PLR2004


def _latin(text: str) -> str:
    """Return text that FIX can carry. Raises: Problem 422."""
    if not _is_latin(text):
        raise Problem(422, Fault(message="A message is Latin-1.", field="text"))
    return text


def _sentence(error: FixError) -> str:
    text = str(error)
    return f"{text[0].upper()}{text[1:]}."
