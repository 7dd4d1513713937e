-- What get.lua and post.lua share: count answers by status, and print all figures as one line of JSON at the end.
local counts, threads = {}, {}

function counts.setup(thread)
   table.insert(threads, thread)
   thread:set("number", #threads)
end

-- Each thread has a Lua state of its own; `statuses` is the global that `done` reads from there.
function counts.response(status)
   statuses = statuses or {}
   local name = tostring(status)
   statuses[name] = (statuses[name] or 0) + 1
end

function counts.done(summary, latency)
   local total, parts = {}, {}
   for _, thread in ipairs(threads) do
      for status, count in pairs(thread:get("statuses") or {}) do
         total[status] = (total[status] or 0) + count
      end
   end
   for status, count in pairs(total) do
      table.insert(parts, string.format('"%s":%d', status, count))
   end
   local errors = summary.errors
   io.write(string.format(
      '{"requests":%d,"seconds":%.3f,"status":{%s},"errors":{"connect":%d,"read":%d,"write":%d,"timeout":%d},'
         .. '"p50_ms":%.2f,"p99_ms":%.2f,"max_ms":%.2f}\n',
      summary.requests, summary.duration / 1e6, table.concat(parts, ","),
      errors.connect, errors.read, errors.write, errors.timeout,
      latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
end

return counts
