// Files and folders are sent in parts that join one job, which indexes them meanwhile.
import { csrfToken } from "./ask.js";
import { showJob } from "./jobs.js";

const PART_BYTES = 8 * 1024 * 1024;
const PART_FILES = 50;
const MOST_DESCRIBING = 8; // files of one photo

const form = document.querySelector("[data-send]");
const told = document.querySelector("[data-told]");
const sending = document.querySelector("[data-sending]");
const language = form.dataset.language;
let chosen = []; // {file, name}

const nameOf = (file) => file.webkitRelativePath || file.name;

function plural(forms, n, values) {
  const order = ["one", "few", "many"];
  const several = forms.split("|");
  const kind = order.indexOf(new Intl.PluralRules(language).select(n));
  const text = several[kind < 0 || kind >= several.length ? several.length - 1 : kind];
  return fill(text, { n: n.toLocaleString(language), ...values });
}

function fill(text, values) {
  return text.replace(/{(\w+)}/g, (whole, name) => values[name] ?? whole);
}

function size(bytes) {
  const units = language === "ru" ? ["Б", "КБ", "МБ", "ГБ"] : ["B", "KB", "MB", "GB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit += 1) value /= 1024;
  const digits = unit === units.length - 1 ? 1 : 0;
  return `${value.toLocaleString(language, { maximumFractionDigits: digits })} ${units[unit]}`;
}

function say(text) {
  const line = document.createElement("p");
  line.className = "note";
  line.textContent = text;
  told.append(line);
}

// Said beside the button: nothing that was chosen is lost.
function refuse(text) {
  const line = document.createElement("p");
  line.className = "card bad problem";
  line.setAttribute("role", "alert");
  line.textContent = text;
  form.querySelector("[data-refused]").replaceChildren(line);
}

function showChosen() {
  const bytes = chosen.reduce((sum, { file }) => sum + file.size, 0);
  form.querySelector("[data-chosen]").textContent = chosen.length
    ? plural(form.querySelector("[data-chosen]").dataset.forms, chosen.length, { size: size(bytes) })
    : "";
}

// A photo and the files that describe it (photo.jpg, photo.jpg.json, photo.xmp) go together.
function groups(files) {
  const found = new Map();
  for (const each of files) {
    const described = each.name.replace(/(\.s[a-z-]*)?\.json$|\.(xmp|txt)$/i, "");
    const key = described.replace(/\.[a-z0-9]{2,5}$/i, "");
    found.set(key, [...(found.get(key) ?? []), each]);
  }
  return [...found.values()].flatMap((group) => (group.length > MOST_DESCRIBING ? group.map((each) => [each]) : [group]));
}

function* parts(files) {
  let part = [];
  let bytes = 0;
  for (const group of groups(files)) {
    const more = group.reduce((sum, { file }) => sum + file.size, 0);
    if (part.length && (part.length + group.length > PART_FILES || bytes + more > PART_BYTES)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(...group);
    bytes += more;
  }
  if (part.length) yield part;
}

async function* below(entry, above) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    yield { file, name: above + file.name };
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const inner of some) yield* below(inner, `${above}${entry.name}/`);
  }
}

async function dropped(event) {
  const entries = Array.from(event.dataTransfer.items, (item) => item.webkitGetAsEntry()).filter(Boolean);
  const found = [];
  if (!entries.length) return Array.from(event.dataTransfer.files, (file) => ({ file, name: file.name }));
  for (const entry of entries) {
    for await (const each of below(entry, "")) found.push(each);
  }
  return found;
}

// Resolves to the server's answer; ``onSent`` is told the bytes of this part that are on the way.
function post(fields, part, stop, onSent) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value) body.append(name, value);
  for (const { file, name } of part) body.append("files", file, name);
  const request = new XMLHttpRequest();
  stop.addEventListener("abort", () => request.abort());
  return new Promise((resolve, reject) => {
    request.upload.addEventListener("progress", (event) => onSent(event.loaded));
    const unanswered = () => reject(new Error(document.body.dataset.networkError));
    request.addEventListener("load", () => {
      let answer;
      try {
        answer = JSON.parse(request.responseText);
      } catch {
        return unanswered(); // a proxy before the server has pages of its own
      }
      if (request.status < 400) resolve(answer);
      else reject(new Error(answer.detail));
    });
    request.addEventListener("error", unanswered);
    request.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
    request.open("POST", "/api/v1/documents");
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.send(body);
  });
}

// Resolves to the files that are still to be sent: none when the server has taken everything.
async function send(files) {
  const most = Number(form.dataset.max);
  for (const { file, name } of files.filter((each) => each.file.size > most)) {
    say(fill(told.dataset.tooLarge, { name }));
  }
  const small = files.filter(({ file }) => file.size <= most);
  const total = small.reduce((sum, { file }) => sum + file.size, 0) || 1;
  const stop = new AbortController();
  const bar = sending.querySelector("progress");
  const where = { collection: form.elements.collection?.value, new_collection: form.elements.new_collection?.value };
  let sent = 0;
  let job = null;
  let leftOut = 0;
  const accepted = new Set();
  let left = [];
  const show = (bytes) => {
    bar.value = Math.min(1, bytes / total);
    const text = sending.querySelector("[data-sent]");
    text.textContent = fill(text.dataset.text, { done: size(Math.min(bytes, total)), total: size(total) });
  };
  show(0);
  sending.hidden = false;
  sending.querySelector("[data-cancel]").addEventListener("click", () => stop.abort(), { once: true });
  try {
    const queue = [...parts(small)];
    for (const [number, part] of queue.entries()) {
      sending.querySelector("[data-current]").textContent = part[0].name;
      const more = number < queue.length - 1 ? "1" : "";
      const answer = await post({ ...where, job: job?.id, more }, part, stop.signal, (bytes) => show(sent + bytes));
      sent += part.reduce((sum, { file }) => sum + file.size, 0);
      for (const each of part) accepted.add(each);
      leftOut += answer.left_out.length;
      show(sent);
      if (job?.id !== answer.job.id) showJob(answer.job.url, document.querySelector("[data-live]"));
      job = answer.job;
    }
  } catch (problem) {
    if (problem.name === "AbortError") {
      left = files; // what was sent and not indexed goes with the job
      say(told.dataset.cancelled);
      if (job) {
        await fetch(`/api/v1/jobs/${job.id}`, { method: "DELETE", headers: { "X-CSRFToken": csrfToken() } });
      }
    } else {
      left = files.filter((each) => !accepted.has(each));
      refuse(problem.message);
    }
  }
  if (leftOut) say(plural(told.dataset.leftOut, leftOut, {}));
  sending.hidden = true;
  return left;
}

for (const input of form.querySelectorAll("input[type=file]")) {
  input.addEventListener("change", () => {
    chosen = Array.from(form.querySelectorAll("input[type=file]"), (each) => Array.from(each.files)).flat()
      .map((file) => ({ file, name: nameOf(file) }));
    showChosen();
  });
}
form.addEventListener("dragover", (event) => event.preventDefault());
form.addEventListener("drop", async (event) => {
  event.preventDefault();
  chosen = await dropped(event);
  showChosen();
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!chosen.length) {
    form.querySelector("input[type=file]").focus();
    return;
  }
  told.replaceChildren();
  form.querySelector("[data-refused]").replaceChildren();
  const button = form.querySelector("button:not([type])");
  button.disabled = true;
  chosen = await send(chosen);
  button.disabled = false;
  if (!chosen.length) for (const input of form.querySelectorAll("input[type=file]")) input.value = "";
  showChosen();
});
