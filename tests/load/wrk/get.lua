-- GET the URL that wrk is given.
local counts = require("counts")
setup, response, done = counts.setup, counts.response, counts.done
