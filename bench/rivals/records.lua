-- What Debian's lua-kafka (0.07) lacks for a broker of Kafka 4: Produce in version 3, with messages as a record batch.
-- Its own producer speaks versions 0 to 2 only, which that broker refuses. Connections, metadata and framing are its own.

local broker = require "nginx.kafka.broker"
local request = require "nginx.kafka.request"
local bit = require "bit"
local ffi = require "ffi"

local band, bnot, bxor, rshift, lshift, tobit = bit.band, bit.bnot, bit.bxor, bit.rshift, bit.lshift, bit.tobit
local byte, char, concat = string.byte, string.char, table.concat

local PRODUCE, VERSION, ALL, NO_TEXT = 0, 3, -1, -1
local TIMEOUT_MS = 10000
local POLYNOMIAL = 0x82f63b78

local crc_table = ffi.new("uint32_t[256]")
for number = 0, 255 do
  local value = number
  for _ = 1, 8 do
    value = bxor(rshift(value, 1), band(value, 1) == 1 and POLYNOMIAL or 0)
  end
  crc_table[number] = value
end

local function crc32c(text)
  local value, bytes = -1, ffi.cast("const uint8_t *", text)
  for place = 0, #text - 1 do
    value = bxor(rshift(value, 8), tobit(crc_table[band(bxor(value, bytes[place]), 255)]))
  end
  return bnot(value)
end

local function int16(value)
  return char(band(rshift(value, 8), 255), band(value, 255))
end

local function int32(value)
  return char(band(rshift(value, 24), 255), band(rshift(value, 16), 255), band(rshift(value, 8), 255), band(value, 255))
end

local function int64(value)
  return int32(tobit(math.floor(value / 4294967296))) .. int32(tobit(value % 4294967296))
end

-- A whole number from 0 on, as the zigzag varint of the format.
local function varint(value)
  value = value * 2
  local text = ""
  while value > 127 do
    text = text .. char(band(value, 127) + 128)
    value = rshift(value, 7)
  end
  return text .. char(value)
end

local function record(offset, value)
  local content = "\0\0" .. varint(offset) .. "\1" .. varint(#value) .. value .. "\0"
  return varint(#content) .. content
end

local function record_batch(values, now_ms)
  local records = {}
  for number, value in ipairs(values) do
    records[number] = record(number - 1, value)
  end
  local last, times = int32(#values - 1), int64(now_ms)
  local no_producer = int64(-1) .. int16(-1) .. int32(-1)
  local checked = int16(0) .. last .. times .. times .. no_producer .. int32(#values) .. concat(records)
  return int64(0) .. int32(#checked + 9) .. int32(-1) .. char(2) .. int32(crc32c(checked)) .. checked
end

local _M = {}

-- Sends all values in one request to one partition; true once all replicas have them, else nil and why.
function _M.produce(client, topic, values, number)
  local brokers, partitions = client:fetch_metadata(topic)
  if not brokers then
    return nil, partitions
  end
  local partition = number % partitions.num
  local leader = brokers[partitions[partition].leader]
  local sent = request:new(PRODUCE, number % 1073741824, client.client_id, VERSION)
  sent:int16(NO_TEXT)
  sent:int16(ALL)
  sent:int32(TIMEOUT_MS)
  sent:int32(1)
  sent:string(topic)
  sent:int32(1)
  sent:int32(partition)
  sent:bytes(record_batch(values, math.floor(ngx.now() * 1000)))
  local answer, why = broker:new(leader.host, leader.port, client.socket_config):send_receive(sent)
  if not answer then
    return nil, why
  end
  answer:int32()
  answer:string()
  answer:int32()
  answer:int32()
  local code = answer:int16()
  return code == 0 or nil, "error " .. code
end

return _M
