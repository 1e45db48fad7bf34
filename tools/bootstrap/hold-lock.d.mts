export type Lock = { held: true; release: () => void } | { held: false; info: string }

/** Holds a name on this machine for as long as this process lives; `info` is what others who ask are told. */
export function holdLock(key: string, info?: string): Promise<Lock>
