/** What a browser keeps of a session between pages: enough to ask for new values, and nothing that opens the API. */
export interface StoredSession {
  session_id: string
  refresh_token: string
}

/** One session a browser, whichever tab asks. */
export interface SessionStore {
  read(): Promise<StoredSession | undefined>
  write(session: StoredSession): Promise<void>
  clear(): Promise<void>
}

interface Sealed {
  session_id: string
  /** AES-GCM, 256 bits; the browser uses it and shows it to nobody, us included. */
  key: CryptoKey
  iv: Uint8Array<ArrayBuffer>
  sealed: ArrayBuffer
}

const TABLE = 'session'
const ROW = 'current'

/** In IndexedDB, with the token sealed; where a browser gives no database, for as long as the page is open. */
export function createSessionStore(databases: IDBFactory | undefined): SessionStore {
  let opening: Promise<IDBDatabase> | undefined
  let unsaved: StoredSession | undefined

  const run = async <Value>(mode: IDBTransactionMode, work: (table: IDBObjectStore) => IDBRequest<Value>) => {
    opening ??= openDatabase(databases)
    const database = await opening
    return outcomeOf(work(database.transaction(TABLE, mode).objectStore(TABLE)))
  }

  return {
    read: async () => {
      try {
        const kept = await run('readonly', (table) => table.get(ROW) as IDBRequest<Sealed | undefined>)
        return kept ? await unseal(kept) : unsaved
      } catch {
        return unsaved
      }
    },
    write: async (session) => {
      unsaved = session
      const sealed = await seal(session)
      await run('readwrite', (table) => table.put(sealed, ROW)).catch(() => undefined)
    },
    clear: async () => {
      unsaved = undefined
      await run('readwrite', (table) => table.delete(ROW)).catch(() => undefined)
    },
  }
}

async function seal({ session_id, refresh_token }: StoredSession): Promise<Sealed> {
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const text = new TextEncoder().encode(refresh_token)
  return { session_id, key, iv, sealed: await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, text) }
}

async function unseal({ session_id, key, iv, sealed }: Sealed): Promise<StoredSession> {
  const text = await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, sealed)
  return { session_id, refresh_token: new TextDecoder().decode(text) }
}

async function openDatabase(databases: IDBFactory | undefined): Promise<IDBDatabase> {
  if (!databases) throw new Error('This browser has no IndexedDB')
  const request = databases.open('common-purse', 1)
  request.addEventListener('upgradeneeded', () => request.result.createObjectStore(TABLE))
  return outcomeOf(request)
}

const outcomeOf = <Value>(request: IDBRequest<Value>) =>
  new Promise<Value>((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error ?? new Error('IndexedDB failed')))
  })
