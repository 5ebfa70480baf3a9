// Runs before the first paint: the kept theme, else the one the system prefers.
(() => {
  let kept = null;
  try {
    kept = window.localStorage.getItem("stockex.theme");
  } catch {
    // A browser may forbid storage.
  }
  const wanted = window.matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
  document.documentElement.dataset.theme = kept ?? wanted;
})();
