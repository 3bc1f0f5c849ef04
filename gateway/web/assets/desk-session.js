// How an official is known to the gateway: by a cookie that no script can read. What is here is the token against requests of other
// sites, and the way back to where the official was.

let csrf = "";

const json = { "Content-Type": "application/json", Accept: "application/json" };
const ask = (path, options = {}) => fetch(path, { headers: json, cache: "no-store", credentials: "same-origin", ...options });

async function take(answer) {
  if (!answer.ok) return false;
  csrf = (await answer.json()).csrf;
  return true;
}

// resume reports whether this browser has a session at the gateway already.
export const resume = async () => take(await ask("/session"));

// begin signs in with a token, where the gateway takes tokens. The answer is the gateway's, for its problem.
export async function begin(token) {
  const answer = await ask("/session", { method: "POST", body: JSON.stringify({ token }) });
  await take(answer.clone());
  return answer;
}

// end signs out: the cookie is worth nothing any more.
export async function end() {
  const answer = await ask("/session", { method: "DELETE", headers: { ...json, "X-CSRF-Token": csrf } });
  if (!answer.ok && answer.status !== 401) throw new Error("not signed out");
  csrf = "";
}

// ways are how officials sign in here: with a token, or at the agency's provider, at whose address a browser begins.
export async function ways() {
  const answer = await ask("/session/ways");
  return answer.ok ? answer.json() : { token: false };
}

// credentials are the headers that a request needs beside the cookie, which the browser sends.
export const credentials = (method) => (method === "GET" ? {} : { "X-CSRF-Token": csrf });

// The provider sends the browser back to the page without the fragment, in which the desk has its place.
const placeName = "relieftrail-place";

export function keepPlace() {
  try { sessionStorage.setItem(placeName, location.hash); } catch { /* the first list is shown */ }
}

export function takePlace() {
  try {
    const place = sessionStorage.getItem(placeName);
    sessionStorage.removeItem(placeName);
    if (place && !location.hash) history.replaceState(null, "", place);
  } catch { /* the first list is shown */ }
}
