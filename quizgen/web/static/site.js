// What a script adds to the practice site. Without it every page works too: forms are sent, links lead on.
"use strict";

(() => {
  const main = document.getElementById("main");
  const said = document.getElementById("qg-said");
  const trouble = document.getElementById("qg-trouble");
  const grids = "[data-field=matrix], [data-field=table]";

  // Grids: the arrow keys move, and a matrix that is pasted into one cell fills all of it --------------------------

  const cellsOf = (form) => [...form.querySelectorAll("input[name^=cell-]")];
  const placeOf = (cell) => cell.name.split("-").slice(1).map(Number);
  const cellAt = (form, row, column) => form.querySelector(`input[name="cell-${row}-${column}"]`);

  function stepFrom(cell, key) {
    const atStart = cell.selectionStart === 0 && cell.selectionEnd === 0;
    const atEnd = cell.selectionStart === cell.value.length && cell.selectionEnd === cell.value.length;
    const whole = cell.selectionStart === 0 && cell.selectionEnd === cell.value.length;
    if (key === "ArrowUp") return [-1, 0];
    if (key === "ArrowDown") return [1, 0];
    if (key === "ArrowLeft" && (atStart || whole)) return [0, -1];
    if (key === "ArrowRight" && (atEnd || whole)) return [0, 1];
    return null;
  }

  document.addEventListener("keydown", (event) => {
    const cell = event.target;
    const form = cell.closest?.(grids);
    if (!form || !cell.name?.startsWith("cell-") || event.altKey || event.ctrlKey || event.metaKey) return;
    const step = stepFrom(cell, event.key);
    if (!step) return;
    const [row, column] = placeOf(cell);
    const next = cellAt(form, row + step[0], column + step[1]);
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.select();
  });

  document.addEventListener("paste", (event) => {
    const form = event.target.closest?.("[data-field=matrix]");
    if (!form || !event.target.name?.startsWith("cell-")) return;
    const text = event.clipboardData.getData("text").trim();
    const rows = text
      .replace(/^\[\s*\[|\]\s*\]$/g, "")
      .split(/\]\s*,?\s*\[|[;\n]/)
      .map((row) => row.trim().split(/\s*,\s*|\s+/));
    const cells = cellsOf(form);
    const [height, width] = placeOf(cells[cells.length - 1]);
    if (rows.length !== height || rows.some((row) => row.length !== width)) return;
    event.preventDefault();
    rows.flat().forEach((value, at) => {
      cells[at].value = value;
    });
    event.target.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // What was typed once is replaced by typing again.
  document.addEventListener("focusin", (event) => {
    const field = event.target;
    if (field.matches?.('.qg-answer input[type="text"]') && field.hasAttribute("data-select")) {
      field.removeAttribute("data-select");
      field.select();
    }
  });

  // After a piece of the page was replaced --------------------------------------------------------------------------

  // A new question begins at its top, at its heading; on the way through one, the keyboard goes where it is wanted.
  let question = main.querySelector("[data-question]")?.dataset.question;

  function arrived() {
    const asked = main.querySelector("[data-question]");
    const isNew = asked?.dataset.question !== question;
    question = asked?.dataset.question;
    if (isNew || !asked) {
      window.scrollTo(0, 0);
      main.querySelector("#asked")?.focus({ preventScroll: true });
    } else {
      main.querySelector("[data-focus]")?.focus();
    }
    said.textContent = asked?.dataset.said ?? "";
    trouble.hidden = true;
    prepare();
  }

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target === main) arrived();
  });

  // Trouble ---------------------------------------------------------------------------------------------------------

  function tell(line) {
    trouble.textContent = line;
    trouble.hidden = false;
  }

  document.addEventListener("htmx:responseError", (event) => {
    const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
    if (!event.detail.elt.matches(".qg-preview")) {
      tell(page.querySelector(".qg-problem")?.textContent ?? "That did not work. Load the page again: nothing was lost.");
    }
  });

  document.addEventListener("htmx:sendError", (event) => {
    if (!event.detail.elt.matches(".qg-preview")) {
      tell("The site can’t be reached just now. What you typed is still here: try again in a moment.");
    }
  });

  document.addEventListener("input", () => {
    trouble.hidden = true;
  });

  // Time left -------------------------------------------------------------------------------------------------------

  function inWords(seconds) {
    const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
    if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
    return `${minutes}:${String(rest).padStart(2, "0")} left`;
  }

  function tick() {
    for (const clock of document.querySelectorAll(".qg-clock[data-left]")) {
      clock.until ??= performance.now() + 1000 * Number(clock.dataset.left);
      const left = Math.max(0, Math.ceil((clock.until - performance.now()) / 1000));
      clock.textContent = inWords(left);
      clock.toggleAttribute("data-late", left < 60);
      if (left === 3 && clock.hasAttribute("data-ends") && !clock.kept) {
        clock.kept = true;
        document.getElementById("paper")?.requestSubmit();  // what is typed is kept before the time is over
      }
      if (left === 0 && clock.hasAttribute("data-ends") && !clock.over) {
        clock.over = true;
        location.reload();
      }
    }
  }

  // A sheet is made while one waits ---------------------------------------------------------------------------------

  async function fetchFile(form, button) {
    const line = form.querySelector(".qg-making");
    button.disabled = true;
    line.hidden = false;
    try {
      const body = new URLSearchParams(new FormData(form, button));
      const answer = await fetch(form.action, { method: "POST", body });
      const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];
      if (!name) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        main.replaceChildren(...page.getElementById("main").childNodes);
        main.querySelector("[aria-invalid=true], .qg-problem")?.focus();
        prepare();
        return;
      }
      const link = document.createElement("a");
      link.href = URL.createObjectURL(await answer.blob());
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      said.textContent = `${name} is there.`;
    } catch {
      tell("The site can’t be reached just now. Try again in a moment.");
    } finally {
      button.disabled = false;
      line.hidden = true;
    }
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-file]") || !event.submitter) return;
    event.preventDefault();
    fetchFile(event.target, event.submitter);
  });

  // Copying ---------------------------------------------------------------------------------------------------------

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.(".qg-copy");
    if (!button) return;
    const code = button.parentElement.querySelector("code");
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
      said.textContent = "Copied.";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
    setTimeout(() => {
      button.textContent = "Copy";
    }, 2000);
  });

  function prepare() {
    for (const button of document.querySelectorAll(".qg-copy")) button.hidden = false;
    tick();
  }

  prepare();
  if (main) setInterval(tick, 1000);
})();
