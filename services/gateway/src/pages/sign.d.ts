/** Types of `sign.js`, which browsers load as it is. */
export function signRequest(
  request: { method: string; url: URL; body?: string; headers: Record<string, string> },
  key: { key_id: string; secret: string },
  now?: number,
): Promise<Record<string, string>>
