/** Where to go after signing in: a path of this page, never another site. */
export function nextPath(search: string): string {
  const next = new URLSearchParams(search).get('next')
  // "//host" and "/\host" are addresses of other sites to a browser.
  return next !== null && /^\/(?![/\\])/.test(next) ? next : '/'
}

/** The link to a page of this folder that comes back to `path` afterwards. */
export function withNext(page: '/sign-in' | '/register', path: string): string {
  return path === '/' ? page : `${page}?next=${encodeURIComponent(path)}`
}
