import { Worker } from "node:worker_threads";

import type { Answer, Question, RequestName, Requests } from "./protocol.ts";

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

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  /** Starts a worker. @throws {Error} if onnxruntime cannot be loaded on this platform. */
  static async start(): Promise<Thread> {
    const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
    const worker = new Worker(new URL(`./worker${extension}`, import.meta.url));
    const thread = new Thread(worker);
    await new Promise<void>((ready, failed) => {
      worker.once("message", () => ready());
      worker.once("error", failed);
      worker.once("exit", (code) => failed(endedWith(code)));
    });
    worker.on("message", (answer: Answer) => thread.#settle(answer));
    worker.on("error", (error) => thread.#fail(error as Error));
    worker.on("exit", (code) => thread.#fail(endedWith(code)));
    worker.unref();
    return thread;
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

  #settle(answer: Answer): void {
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
