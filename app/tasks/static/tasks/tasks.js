// Starts tasks and asks for the state of each once a second until it has ended.
const ENDED = new Set(["SUCCESS", "FAILURE", "REVOKED"]);
const INTERVAL = 1000; // ms

const form = document.getElementById("start");
const notice = document.getElementById("notice");
const table = document.getElementById("table");
const rows = document.getElementById("rows");
const template = document.getElementById("row");
const tasks = new Set();

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  notice.textContent = "";
  try {
    // The form's own fields carry the CSRF token for signed-in people; the button adds the type.
    const body = new FormData(form, event.submitter);
    const answer = await request(form.action, { method: "POST", body });
    follow(answer.task_id, body.get("type"));
  } catch (error) {
    notice.textContent = `The task could not be started: ${error.message}.`;
  }
});

async function request(url, options) {
  const response = await fetch(url, { headers: { Accept: "application/json" }, ...options });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `the server answered ${response.status}`);
  return answer;
}

function follow(id, type) {
  const row = template.content.firstElementChild.cloneNode(true);
  const field = (name) => row.querySelector(`[data-field="${name}"]`);
  field("id").textContent = id;
  field("type").textContent = type;
  const task = { id, began: Date.now(), field, state: "" };
  tasks.add(task);
  rows.prepend(row);
  table.hidden = false;
  document.getElementById("empty").hidden = true;
  show(task, "PENDING", null);
  poll(task);
}

async function poll(task) {
  try {
    const answer = await request(new URL(`${task.id}/`, form.action));
    show(task, answer.task_status, answer.task_result);
  } catch {
    // A restart or a lost network: the state stays as it was, the next second asks again.
  }
  if (!ENDED.has(task.state)) setTimeout(poll, INTERVAL, task);
}

function show(task, state, result) {
  task.state = state;
  task.field("state").textContent = state.charAt(0) + state.slice(1).toLowerCase();
  task.field("state").dataset.state = state;
  task.field("time").textContent = `${Math.round((Date.now() - task.began) / 1000)} s`;
  task.field("result").textContent = result === null ? "–" : typeof result === "string" ? result : JSON.stringify(result);
  const open = [...tasks].filter((other) => !ENDED.has(other.state)).length;
  const summary = open ? `${open} of ${tasks.size} in progress` : `all ${tasks.size} ended`;
  // Only when it changes, so that a screen reader does not repeat it every second.
  const element = document.getElementById("summary");
  if (element.textContent !== summary) element.textContent = summary;
}
