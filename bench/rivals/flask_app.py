"""Flask: `python -m bench.rivals.gunicorn … bench.rivals.flask_app:app`."""

from collections.abc import Callable
from concurrent.futures import Future

from flask import Flask, Response, jsonify, request
from pydantic import ValidationError

from bench.rivals.envelopes import Batch, Message, envelopes, key_of
from bench.rivals.sending import Sender

app = Flask(__name__)
sender = Sender()


@app.get("/ready")
def ready() -> Response:
    return jsonify(ready=True)


@app.post("/v1/track")
def track() -> tuple[Response, int]:
    return _stored(lambda body: Batch(batch=[Message.model_validate_json(body)]))


@app.post("/v1/batch")
def batch() -> tuple[Response, int]:
    return _stored(Batch.model_validate_json)


def _stored(read: Callable[[bytes], Batch]) -> tuple[Response, int]:
    key = key_of(request.headers.get("Authorization"))
    if key is None:
        return jsonify(error="The write key is not valid."), 401
    try:
        messages = read(request.get_data())
    except ValidationError as problem:
        return jsonify(error=str(problem)), 400
    stored: Future[bool] = Future()
    sender.send(envelopes(key, messages, request.headers.get("User-Agent")), stored.set_result)
    if not stored.result():
        return jsonify(error="The messages could not be stored."), 503
    return jsonify(success=True), 200
