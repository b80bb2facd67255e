// The headers of every answer that a window host gives to the page; both hosts send exactly these, and a test holds them to a snapshot.

/** Requirement R6, word for word. `require-trusted-types-for` with `trusted-types 'none'` forbids every HTML and script sink. */
export const PAGE_POLICY = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob:", "font-src 'self'", "connect-src 'none'",
  "frame-src 'none'", "object-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
  "require-trusted-types-for 'script'", "trusted-types 'none'",
].join('; ');

/** Features that ask the admin, reach a device or tell a third party something: none is used, so none is allowed. Only names that Chromium knows: others make it complain. */
const FORBIDDEN_FEATURES = [
  'accelerometer', 'autoplay', 'browsing-topics', 'camera', 'captured-surface-control',
  'clipboard-read', 'compute-pressure', 'cross-origin-isolated', 'display-capture', 'encrypted-media', 'fullscreen', 'gamepad', 'geolocation', 'gyroscope', 'hid',
  'identity-credentials-get', 'idle-detection', 'interest-cohort', 'keyboard-map', 'local-fonts', 'magnetometer', 'microphone', 'midi',
  'otp-credentials', 'payment', 'picture-in-picture', 'private-state-token-issuance', 'publickey-credentials-create', 'publickey-credentials-get',
  'screen-wake-lock', 'serial', 'storage-access', 'sync-xhr', 'unload', 'usb', 'window-management', 'xr-spatial-tracking',
];

/**
 * @param contentType of the body
 * @returns name and value pairs in a fixed order
 */
export function pageHeaders(contentType: string): readonly (readonly [name: string, value: string])[] {
  return [
    ['Content-Type', contentType],
    ['Content-Security-Policy', PAGE_POLICY],
    ['X-Content-Type-Options', 'nosniff'],
    ['X-Frame-Options', 'DENY'],
    ['Referrer-Policy', 'no-referrer'],
    ['Cross-Origin-Opener-Policy', 'same-origin'],
    ['Cross-Origin-Resource-Policy', 'same-origin'],
    ['Origin-Agent-Cluster', '?1'],
    ['Permissions-Policy', FORBIDDEN_FEATURES.map((feature) => `${feature}=()`).join(', ')],
    ['Cache-Control', 'no-store'],
  ];
}
