{% load static %}// Keeps static files, whose names change with what they hold, and one page that says that the network is away.
// Pages are never kept: figures are shown as they are now, or not at all.

const css = "{% static 'css/app.css' %}";
const offline = "{% url 'app_offline' %}";
const name = `static ${css} {% static 'js/app.js' %}`;
const files = "{{ static_url }}";
const hashed = /\.[0-9a-f]{12}\.[a-z0-9]+$/;

async function keep() {
  const cache = await caches.open(name);
  await cache.addAll([offline, css, "{% static 'icon.svg' %}"]);
}

async function clean() {
  const old = (await caches.keys()).filter((one) => one !== name);
  await Promise.all(old.map((one) => caches.delete(one)));
  await self.clients.claim();
}

async function file(request) {
  const cache = await caches.open(name);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) cache.put(request, answer.clone());
  return answer;
}

async function page(request) {
  try {
    return await fetch(request);
  } catch (away) {
    const kept = await caches.match(offline);
    if (!kept) throw away;
    return kept;
  }
}

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keep());
});
self.addEventListener("activate", (event) => event.waitUntil(clean()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (request.method === "GET" && pathname.startsWith(files) && (hashed.test(pathname) || pathname === css)) event.respondWith(file(request));
});
