import { isMainThread, Worker } from "node:worker_threads";

import { inputError } from "../../util/error.ts";
import type { WorkerAnswer, Question, RequestName, Requests } from "./protocol.ts";

/**
 * A worker thread that runs models, and the questions that it has not answered yet.
 *
 * It keeps the process alive only while it owes an answer.
 */
export class Thread {
  readonly #worker: Worker;
  readonly #open = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  #count = 0;
  #trouble: Error | undefined;
  #ended: Error | undefined;

  /** Resolves when onnxruntime is loaded. Questions may be put before. */
  readonly ready: Promise<void>;

  private constructor(worker: Worker) {
    this.#worker = worker;
    this.ready = new Promise((ready, failed) => {
      worker.once("message", () => ready());
      worker.once("error", failed);
      worker.once("exit", (code) => failed(endedWith(code)));
    });
    this.ready.then(
      () => this.#open.size === 0 && worker.unref(),
      () => {}, // whoever asks is told
    );
    worker.on("message", (answer: WorkerAnswer | "ready") => answer !== "ready" && this.#settle(answer));
    worker.on("error", (error) => this.#fail(error as Error));
    worker.on("exit", (code) => this.#fail(endedWith(code)));
  }

  /** Starts a worker. @throws {HypertrainError} in a thread where onnxruntime's telemetry cannot be switched off. */
  static launch(): Thread {
    silenceTelemetry();
    const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
    const evaluated = process.execArgv.some((flag) => flag.startsWith("--input-type")); // no flag for a module in a file
    const options = evaluated ? { execArgv: [] } : {};
    return new Thread(new Worker(new URL(`./worker${extension}`, import.meta.url), options));
  }

  /**
   * Starts a worker, and waits until it is ready.
   *
   * @throws {Error} if onnxruntime cannot be loaded on this platform.
   */
  static async start(): Promise<Thread> {
    const thread = Thread.launch();
    await thread.ready;
    return thread;
  }

  /** Whether the worker is no more, so that no question will be answered. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** Says something that needs no answer. If it fails, whoever asks next is told. */
  tell<Name extends RequestName>(name: Name, args: Requests[Name]["args"]): void {
    this.ask(name, args).catch((error: Error) => (this.#trouble = error));
  }

  /** Puts a question. Questions are worked off in their order; arrays are copied. */
  ask<Name extends RequestName>(name: Name, args: Requests[Name]["args"]): Promise<Requests[Name]["answer"]> {
    const question: Question<Name> = { number: this.#count++, name, args };
    const trouble = this.#ended ?? this.#trouble;
    this.#trouble = undefined;
    if (trouble) return Promise.reject(trouble);
    return new Promise((resolve, reject) => {
      this.#open.set(question.number, { resolve, reject });
      this.#worker.ref();
      this.#worker.postMessage(question);
    });
  }

  #settle(answer: WorkerAnswer): void {
    const { resolve, reject } = this.#open.get(answer.number) as {
      resolve(value: unknown): void;
      reject(error: Error): void;
    };
    this.#open.delete(answer.number);
    if (this.#open.size === 0) this.#worker.unref();
    if ("error" in answer) reject(new Error(answer.error));
    else resolve(answer.value);
  }

  #fail(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#open.values()) reject(error);
    this.#open.clear();
  }
}

const endedWith = (code: number): Error =>
  new Error(`the worker thread of onnxruntime ended with exit code ${code}`);

/**
 * Keeps onnxruntime from its telemetry: on Linux 1.30 otherwise writes a device id under ~/.cache and looks up a host. It reads the
 * environment of the process, once, when it is loaded. The main thread's `process.env` is that; a worker's is a copy, which only
 * shows what was set before it started.
 */
function silenceTelemetry(): void {
  if (process.env[SWITCH]) return;
  if (!isMainThread) {
    throw inputError(
      `${SWITCH}=1 must stand in the environment before onnxruntime is loaded in a worker thread, but it is not set; set it in the main thread, with process.env.${SWITCH} = "1", before the worker starts`,
    );
  }
  process.env[SWITCH] = "1";
}

const SWITCH = "ORT_DISABLE_TELEMETRY";
