"use strict";
/* The page works without this; with it, it is nicer. What the attributes mean: web/README.md. */
(() => {
	const all = (what, run) => document.querySelectorAll(what).forEach(run);
	const at = (object, path) => path.split(".").reduce((o, key) => o == null ? o : o[key], object);

	/* A guess of the time zone, where nobody has chosen one yet. */
	all("select[data-guess=zone]", select => {
		const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
		for (const option of select.options)
			if ((option.dataset.zone || "").split(" ").includes(zone)) option.selected = true;
	});

	/* data-live="users.0.bytes_text": kept up to date from /api/status. */
	const live = document.querySelectorAll("[data-live]");
	const poll = async () => {
		if (!document.hidden)
			try {
				const reply = await fetch("/api/status", { headers: { Accept: "application/json" } });
				if (!reply.ok) return;
				const status = await reply.json();
				live.forEach(place => {
					const value = at(status, place.dataset.live);
					if (value == null) return;
					place.closest("[data-later]")?.removeAttribute("hidden");
					if (place.matches("meter, progress")) place.value = value;
					else place.textContent = value;
				});
			} catch { /* the box is restarting: try again */ }
		setTimeout(poll, 5000);
	};
	if (live.length) setTimeout(poll, 5000);

	/* data-copy="id": copies what stands there. */
	all("[data-copy]", button => {
		const from = document.getElementById(button.dataset.copy);
		const said = button.textContent;
		button.hidden = !navigator.clipboard;
		button.addEventListener("click", async () => {
			await navigator.clipboard.writeText(from.value || from.textContent);
			button.textContent = button.dataset.done || said;
			setTimeout(() => { button.textContent = said; }, 2000);
		});
	});

	/* data-confirm="Delete bob?": asks before the form goes. */
	all("form[data-confirm]", form => form.addEventListener("submit", event => {
		if (!confirm(form.dataset.confirm)) event.preventDefault();
	}));

	/* data-when="name=a|b": shown only while the control has one of these values. */
	const whens = document.querySelectorAll("[data-when]");
	const show = () => whens.forEach(part => {
		const [name, wanted] = part.dataset.when.split("=");
		const form = part.closest("form");
		const value = form && new FormData(form).get(name);
		part.hidden = !wanted.split("|").includes(value === null ? "" : value);
	});
	if (whens.length) {
		document.addEventListener("change", show);
		show();
	}

	/* data-preview="/path": the form is sent there when it changes. [data-preview-text=KEY] shows that
	 * member of the JSON answer, [data-preview-list=KEY] each item of it. */
	all("form[data-preview]", form => {
		let waits, turn = 0;
		const answer = reply => {
			all("[data-preview-text]", place => { place.textContent = reply[place.dataset.previewText || "text"]; });
			all("[data-preview-list]", place => place.replaceChildren(...reply[place.dataset.previewList].map(text => {
				const item = document.createElement("li");
				item.textContent = text;
				return item;
			})));
		};
		form.addEventListener("change", () => {
			clearTimeout(waits);
			waits = setTimeout(async () => {
				const mine = ++turn;
				const reply = await fetch(form.dataset.preview, { method: "POST",
					body: new URLSearchParams(new FormData(form)),
					headers: { Accept: "application/json" } });
				if (reply.ok && mine === turn) answer(await reply.json());
			}, 400);
		});
	});

	/* Whoever types a number beside a radio button means that button. */
	document.addEventListener("input", event => {
		const radio = event.target.closest(".choice")?.querySelector("input[type=radio]");
		if (radio && event.target.type !== "radio") radio.checked = true;
	}, true);

	/* data-dirty: Save and Cancel wait until something was changed, as in Gmail. */
	all("form[data-dirty]", form => {
		const buttons = form.querySelectorAll("button:not([name])");
		const before = new URLSearchParams(new FormData(form)).toString();
		const look = () => {
			const same = new URLSearchParams(new FormData(form)).toString() === before;
			buttons.forEach(button => { button.disabled = same; });
		};
		if (!form.querySelector("[aria-invalid=true]")) {
			form.addEventListener("input", look);
			form.addEventListener("change", look);
			look();
		}
	});

	/* To the first thing that is wrong. */
	const wrong = document.querySelector("[aria-invalid=true]");
	if (wrong) wrong.focus();
})();
