import { Worker } from 'node:worker_threads'
import { Problem } from '@common-purse/contracts'
import { createFairQueue } from './fair-queue.ts'

/** A line of jobs before some worker threads, each of which does one job at a time. */
export interface WorkLine<Job, Done> {
  /**
   * Does a job when its turn has come. Throws `rate_limited` when too many wait, first for whoever has most in the line,
   * and `upstream_unavailable` when the thread ends before it is done.
   */
  run(job: Job, turn: Turn): Promise<Done>
  stop(): Promise<void>
}

export interface Turn {
  /** Whose turn it is: all who are called the same take turns as one. */
  from: string
  /** Runs when the turn has come, and may refuse. */
  before?: () => Promise<void>
}

interface Desk<Job, Done> {
  work(job: Job): Promise<Done>
  stop(): Promise<unknown>
}

const WAITING_MAX = 100

/** With three times the rest a thread takes a quarter of a core, and others keep their pace (bench/logins.ts). */
const REST_PER_WORK = 3
const REST_MS_MAX = 150

/** A thread that had nothing to do for this long ends, and gives back the memory that it took. */
const IDLE_MS = 10_000

export interface WorkLineOptions {
  /** What a thread runs: it answers each message with one of its own. */
  module: URL
  threads: number
  /** After a job a thread rests for a while, so that most of its core is left to others. */
  rest: boolean
}

export function createWorkLine<Job, Done>({ module, threads, rest }: WorkLineOptions): WorkLine<Job, Done> {
  const desks = Array.from({ length: threads }, () => createDesk<Job, Done>(module))
  const free = [...desks]
  const waiting = createFairQueue<PromiseWithResolvers<Desk<Job, Done>>>(WAITING_MAX)

  const take = (from: string): Promise<Desk<Job, Done>> | Desk<Job, Done> => {
    const desk = free.pop()
    if (desk) return desk
    const place = Promise.withResolvers<Desk<Job, Done>>()
    waiting.push(from, place)?.reject(tooMany())
    return place.promise
  }
  // Handed over, so that nobody who comes in between overtakes.
  const giveBack = (desk: Desk<Job, Done>) => {
    const next = waiting.shift()
    if (next) next.resolve(desk)
    else free.push(desk)
  }

  return {
    run: async (job, { from, before }) => {
      const desk = await take(from)
      const startedAt = performance.now()
      try {
        await before?.()
        return await desk.work(job)
      } finally {
        const pause = rest ? Math.min(REST_PER_WORK * (performance.now() - startedAt), REST_MS_MAX) : 0
        if (pause > 0) setTimeout(giveBack, pause, desk)
        else giveBack(desk)
      }
    },
    stop: async () => void (await Promise.all(desks.map((desk) => desk.stop()))),
  }
}

const tooMany = () =>
  new Problem('rate_limited', 'Too many people are signing in right now', { retryAfter: 1 })

/** One thread, started when there is a job and none runs; it ends when there was none for a while. */
function createDesk<Job, Done>(module: URL): Desk<Job, Done> {
  let worker: Worker | undefined
  let idle: NodeJS.Timeout | undefined
  let settle: { resolve: (done: Done) => void; reject: (problem: Problem) => void } | undefined

  const lose = (from: Worker, cause: unknown) => {
    if (worker !== from) return
    worker = undefined
    settle?.reject(
      new Problem('upstream_unavailable', 'A part of this service was started again', {
        cause,
        retryAfter: 1,
      }),
    )
  }
  const start = (): Worker => {
    const started = new Worker(module)
    started.on('message', (done: Done) => settle?.resolve(done))
    started.on('error', (error) => lose(started, error))
    started.on('exit', (code) => lose(started, new Error(`The thread ended with ${code}`)))
    return started
  }
  const endIdle = () => {
    const ended = worker
    worker = undefined // the next job must not be given to a thread that is ending
    void ended?.terminate()
  }
  return {
    work: (job) => {
      clearTimeout(idle)
      const done = new Promise<Done>((resolve, reject) => {
        settle = { resolve, reject }
        worker ??= start()
        worker.postMessage(job)
      })
      return done.finally(() => (idle = setTimeout(endIdle, IDLE_MS).unref()))
    },
    stop: async () => {
      clearTimeout(idle)
      await worker?.terminate()
    },
  }
}
