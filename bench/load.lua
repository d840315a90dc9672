-- wrk's script: sends the requests of a file, one after the other, and says in one line of JSON how that went.
-- Arguments: the file, whose lines are a write key, a tab and a body; the path.

local prepared, place = {}, 0

function init(arguments)
  for line in io.lines(arguments[1]) do
    local authorization, body = line:match("^(%S+)\t(.+)$")
    local headers = {["Authorization"] = "Basic " .. authorization, ["Content-Type"] = "application/json"}
    prepared[#prepared + 1] = wrk.format("POST", arguments[2], headers, body)
  end
end

function request()
  place = place % #prepared + 1
  return prepared[place]
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout + errors.status
  io.write(string.format(
    '{"requests": %d, "failed": %d, "microseconds": %d, "p50": %d, "p99": %d}\n',
    summary.requests, failed, summary.duration, latency:percentile(50), latency:percentile(99)
  ))
end
