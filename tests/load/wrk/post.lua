-- POST a ledger entry under a new key each time: wrk ... -s post.lua URL -- PREFIX
local counts = require("counts")
setup, response, done = counts.setup, counts.response, counts.done

local prefix, posted = "", 0
local headers = { ["Content-Type"] = "application/x-www-form-urlencoded" }

function init(args)
   prefix = args[1]
end

function request()
   posted = posted + 1
   return wrk.format("POST", nil, headers, "key=" .. prefix .. number .. "." .. posted)
end
