// The form of a periodic task: says in words what the chosen crontab means.
const translations = JSON.parse(document.getElementById("readable-crontabs").textContent);
const select = document.getElementById("id_crontab");
const help = document.querySelector(".field-crontab .help");

document.querySelector(".field-crontab_translation")?.setAttribute("hidden", "");
if (select && help) {
  const words = help.appendChild(document.createElement("p"));
  const translate = () => { words.textContent = translations[select.value] ?? ""; };
  select.addEventListener("change", translate);
  translate();
}
