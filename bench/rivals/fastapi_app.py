"""FastAPI: `uvicorn bench.rivals.fastapi_app:app`."""

import asyncio
from typing import Annotated

from fastapi import FastAPI, Header, HTTPException

from bench.rivals.envelopes import Batch, Message, envelopes, key_of
from bench.rivals.sending import Sender

app = FastAPI()
sender = Sender()
Text = Annotated[str | None, Header()]


@app.get("/ready")
async def ready() -> dict[str, bool]:
    return {"ready": True}


@app.post("/v1/track")
async def track(message: Message, authorization: Text = None, user_agent: Text = None) -> dict[str, bool]:
    await _store(Batch(batch=[message]), authorization, user_agent)
    return {"success": True}


@app.post("/v1/batch")
async def batch(messages: Batch, authorization: Text = None, user_agent: Text = None) -> dict[str, bool]:
    await _store(messages, authorization, user_agent)
    return {"success": True}


async def _store(batch: Batch, authorization: str | None, user_agent: str | None) -> None:
    key = key_of(authorization)
    if key is None:
        raise HTTPException(401, "The write key is not valid.")
    loop = asyncio.get_running_loop()
    stored: asyncio.Future[bool] = loop.create_future()
    values = envelopes(key, batch, user_agent)
    sender.send(values, lambda is_stored: loop.call_soon_threadsafe(stored.set_result, is_stored))
    if not await stored:
        raise HTTPException(503, "The messages could not be stored.")
