"""The description of the REST interface, made from the same shapes that encode and decode it."""

from collections.abc import Collection
from typing import Any, Final

import msgspec
from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import HTMLResponse, Response

from stockex import __version__
from stockex.vocabulary.units import Cash, Nanos, Price
from stockex.web.replies import ErrorReply
from stockex.web.shield import policy

Json = dict[str, Any]
"""A JSON schema. `Any`, because FastAPI's own signatures take it so."""

Answers = dict[int | str, Json]
"""What a route answers, by status."""

_REF: Final = "#/components/schemas/{name}"
_UNITS: Final[dict[type, Json]] = {
    Price: {"type": "number", "multipleOf": 0.0001, "description": "Euro, at most 4 decimals.", "examples": [24.95]},
    Cash: {"type": "number", "multipleOf": 0.0001, "description": "Euro, at most 4 decimals."},
    Nanos: {"type": "number", "description": "Seconds since 1970 UTC, at most 6 decimals."},
}
_FASTAPIS_OWN: Final = frozenset({"HTTPValidationError", "ValidationError"})
"""The shapes of errors that FastAPI assumes; ours are ErrorReply."""

_DOCS: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>StockEx · REST interface</title>
<link rel="icon" href="/static/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/vendor/swagger-ui/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/static/vendor/swagger-ui/swagger-ui-bundle.js"></script>
<script nonce="{nonce}">
SwaggerUIBundle({{url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null}})
</script>
</body>
</html>
"""

router = APIRouter(include_in_schema=False)


class Schemas:
    """The schemas that routes refer to, collected while the routes are declared."""

    def __init__(self) -> None:
        self.components: Json = {}

    def of(self, kind: object) -> Json:
        """Return the schema of a shape; what it refers to is collected."""
        [schema], components = msgspec.json.schema_components([kind], schema_hook=_unit_schema, ref_template=_REF)
        self.components.update(components)
        return schema

    def form(self, kind: object, *, without: Collection[str], optional: Collection[str] = ()) -> Json:
        """Return the description of a body: the fields of a command, without those that are not the client's."""
        return _body(self._form(kind, without=without, optional=optional))

    def forms(self, *kinds: object, without: Collection[str], optional: Collection[str] = ()) -> Json:
        """Return the description of a body that is an array of such forms, told apart by their `type`."""
        each = [self._form(kind, without=without, optional=optional) for kind in kinds]
        return _body({"type": "array", "items": {"anyOf": each}})

    def _form(self, kind: object, *, without: Collection[str], optional: Collection[str]) -> Json:
        schema = self.of(kind)
        full = self.components.pop(schema["$ref"].removeprefix(_REF.format(name="")))
        fields = {name: field for name, field in full["properties"].items() if name not in without}
        required = [name for name in full["required"] if name in fields and name not in optional]
        return {**full, "properties": fields, "required": required}


SCHEMAS: Final = Schemas()
"""The one collection, filled when the routes' modules are imported."""


def answers(kind: object, *, status: int = 200) -> Answers:
    """Return what a route answers: `kind`, or an error."""
    good = {"description": "Done.", "content": {"application/json": {"schema": SCHEMAS.of(kind)}}}
    bad = {"description": "Refused.", "content": {"application/json": {"schema": SCHEMAS.of(ErrorReply)}}}
    return {status: good, "4XX": bad}


def described(app: FastAPI) -> Json:
    """Return the application's OpenAPI document."""
    if app.openapi_schema is None:
        document = get_openapi(
            title="StockEx",
            version=__version__,
            description="An open stock exchange. Prices are in euro; every order is answered from durable facts.",
            routes=app.routes,
        )
        components = document.setdefault("components", {})
        schemas = {**components.get("schemas", {}), **SCHEMAS.components}
        components["schemas"] = {name: schemas[name] for name in sorted(schemas.keys() - _FASTAPIS_OWN)}
        components["securitySchemes"] = {
            "basic": {"type": "http", "scheme": "basic"},
            "session": {"type": "apiKey", "in": "cookie", "name": "stockex_session"},
        }
        document["security"] = [{}, {"basic": []}, {"session": []}]
        for path in document["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)
        app.openapi_schema = document
    return app.openapi_schema


@router.get("/docs")
async def docs(request: Request) -> Response:
    """Show the REST interface, from files of our own."""
    nonce = request.state.nonce
    headers = {"Content-Security-Policy": policy(nonce=nonce, styles="'unsafe-inline'")}
    return HTMLResponse(_DOCS.format(nonce=nonce), headers=headers)


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """Return the OpenAPI document."""
    return Response(msgspec.json.encode(described(request.app)), media_type="application/json")


def _body(schema: Json) -> Json:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _unit_schema(kind: type) -> Json:
    return _UNITS[kind]
