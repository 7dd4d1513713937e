// Starts and cancels tasks, and asks for the state of each once a second until it has ended.
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
  field("progress").setAttribute("aria-label", `Progress of the task of type ${type}`);
  const task = { id, began: Date.now(), field, state: "" };
  field("cancel").addEventListener("click", () => cancel(task));
  tasks.add(task);
  rows.prepend(row);
  table.hidden = false;
  document.getElementById("empty").hidden = true;
  show(task, { task_status: "PENDING", task_result: null });
  poll(task);
}

async function poll(task) {
  try {
    show(task, await request(new URL(`${task.id}/`, form.action)));
  } catch {
    // A restart or a lost network: the state stays as it was, the next second asks again.
  }
  if (!ENDED.has(task.state)) setTimeout(poll, INTERVAL, task);
}

async function cancel(task) {
  const button = task.field("cancel");
  notice.textContent = "";
  button.disabled = true;
  button.textContent = "Cancelling";
  try {
    await request(new URL(`${task.id}/cancel/`, form.action), { method: "POST", body: new FormData(form) });
  } catch (error) {
    notice.textContent = `The task could not be cancelled: ${error.message}.`;
    button.disabled = false;
    button.textContent = "Cancel";
  }
}

function show(task, { task_status: state, task_result: result, progress }) {
  task.state = state;
  task.field("state").textContent = state.charAt(0) + state.slice(1).toLowerCase();
  task.field("state").dataset.state = state;
  showProgress(task.field("progress"), state, progress);
  task.field("time").textContent = `${Math.round((Date.now() - task.began) / 1000)} s`;
  task.field("result").textContent = result === null ? "–" : typeof result === "string" ? result : JSON.stringify(result);
  task.field("cancel").hidden = ENDED.has(state);
  const open = [...tasks].filter((other) => !ENDED.has(other.state)).length;
  const summary = open ? `${open} of ${tasks.size} in progress` : `all ${tasks.size} ended`;
  // Only when it changes, so that a screen reader does not repeat it every second.
  const element = document.getElementById("summary");
  if (element.textContent !== summary) element.textContent = summary;
}

function showProgress(bar, state, progress) {
  bar.hidden = state === "FAILURE" || state === "REVOKED";
  if (progress) {
    bar.max = progress.total;
    bar.value = progress.current;
  } else if (state === "SUCCESS") {
    bar.value = bar.max;
  }
}
