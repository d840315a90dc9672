-- NGINX with Lua: takes messages, and answers when the broker has acknowledged them.

local cjson = require "cjson.safe"
local client = require "nginx.kafka.client"
local records = require "records"
local configuration = require "configuration"

local TYPES = {track = true, page = true, screen = true, identify = true, group = true, alias = true}
local MESSAGE_BYTES, BATCH_MESSAGES = 32768, 2500
local kafka = client:new({configuration.broker}, {keepalive_size = 512})
local count = 0

local function answer(status, content)
  ngx.status = status
  ngx.header["Content-Type"] = "application/json"
  ngx.print(cjson.encode(content))
  return ngx.exit(status)
end

local function key_of(authorization)
  local user = ngx.decode_base64((authorization or ""):match("^Basic (.+)$") or "")
  return user and configuration.keys[user:match("^[^:]*")]
end

-- The envelope of one message, or nil where it is none.
local function envelope(key, message, text, number, sent_at, received_at)
  if type(message) ~= "table" or not TYPES[message.type] or #text > MESSAGE_BYTES then
    return nil
  end
  return cjson.encode({
    v = 1,
    envelope_id = ngx.var.request_id .. "-" .. number,
    merchant = key.merchant,
    key_kind = key.kind,
    key_generation = key.generation,
    received_at = received_at,
    sent_at = sent_at,
    message_id = message.messageId,
    user_agent = ngx.var.http_user_agent,
    message = text,
  })
end

local function collect(is_batch)
  local key = key_of(ngx.var.http_authorization)
  if not key then
    return answer(401, {error = "The write key is not valid."})
  end
  ngx.req.read_body()
  local body = ngx.req.get_body_data()
  local content = body and cjson.decode(body)
  local messages = nil
  if type(content) == "table" then
    messages = is_batch and content.batch or {content}
  end
  if type(messages) ~= "table" or #messages == 0 or #messages > BATCH_MESSAGES then
    return answer(400, {error = "The body is no JSON of a message or of a batch."})
  end
  local now, values = ngx.now(), {}
  local received_at = os.date("!%Y-%m-%dT%H:%M:%S", now) .. string.format(".%03dZ", now * 1000 % 1000)
  for number, message in ipairs(messages) do
    local text = is_batch and cjson.encode(message) or body
    values[number] = envelope(key, message, text, number, content.sentAt, received_at)
    if not values[number] then
      return answer(400, {error = "A message has no known type, or is too large."})
    end
  end
  count = count + 1
  local is_stored, why = records.produce(kafka, configuration.topic, values, count)
  if not is_stored then
    ngx.log(ngx.ERR, "not stored: ", why)
    return answer(503, {error = "The messages could not be stored."})
  end
  return answer(200, {success = true})
end

return {collect = collect}
