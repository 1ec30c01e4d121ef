// A term of the glossary shows its definition while the pointer or the focus is on it; Escape takes it away.
document.addEventListener("DOMContentLoaded", () => {
  let shown = null, owner = null, waiting = 0;
  const hide = () => { clearTimeout(waiting); if (shown) shown.hidden = true; shown = owner = null; };
  const hideSoon = () => { clearTimeout(waiting); waiting = setTimeout(hide, 250); };
  const show = link => {
    hide();
    const box = document.getElementById(link.getAttribute("aria-describedby"));
    if (!box) return;
    [shown, owner] = [box, link];
    box.hidden = false;
    put();
  };
  const put = () => {  // below its link or above it, within the window
    if (!shown) return;
    const box = shown, place = owner.getClientRects()[0], margin = 12;
    const left = Math.min(place.left, document.documentElement.clientWidth - box.offsetWidth - margin);
    const below = place.bottom + 6, above = place.top - box.offsetHeight - 6;
    box.style.left = `${Math.max(margin, left)}px`;
    box.style.top = `${below + box.offsetHeight > innerHeight && above > 0 ? above : below}px`;
  };
  document.querySelectorAll("a[data-term]").forEach(link => {
    link.addEventListener("mouseenter", () => show(link));
    link.addEventListener("focus", () => show(link));
    link.addEventListener("mouseleave", hideSoon);
    link.addEventListener("blur", hide);
  });
  document.querySelectorAll(".term-meaning").forEach(box => {  // the pointer may rest on the definition itself
    document.body.append(box);
    box.addEventListener("mouseenter", () => clearTimeout(waiting));
    box.addEventListener("mouseleave", hideSoon);
  });
  document.addEventListener("keydown", event => { if (event.key === "Escape") hide(); });
  document.addEventListener("scroll", put, { passive: true, capture: true });
});
