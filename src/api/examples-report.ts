/** What people should know of images, or of a text, before they train on them: plain JSON. */
export interface ExamplesReport {
  readonly name: string;
  readonly kind: "images" | "text" | "rows";
  /** How many examples each part has: images, rows, or of a text rows of tokens. */
  readonly parts: { readonly train: number; readonly valid: number; readonly test: number };
  /** In the order in which the network numbers them; absent for numbers, and of a text, whose tokens they are. */
  readonly classes?: readonly ClassReport[];
  /** `[channels, height, width]` of an image as the network gets it. */
  readonly shape?: readonly number[];
  /** Of a folder of images. */
  readonly files?: ImageFilesReport;
  /** Of a text. */
  readonly text?: TextReport;
  /** Why none can be trained on, in one sentence. */
  readonly refused?: string;
  /** Few sentences, the most important first. */
  readonly warnings: readonly string[];
}

/** How many examples of a class each part has. */
export interface ClassReport {
  readonly name: string;
  readonly train: number;
  readonly valid: number;
  readonly test: number;
}

/** What a report says of the files of a folder of images. */
export interface ImageFilesReport {
  /** How many images have each size, the most frequent first. */
  readonly sizes: readonly { readonly height: number; readonly width: number; readonly images: number }[];
  /** Why they are brought to one size, where that was chosen by rule. */
  readonly chosen?: string;
  /** How many are stored in grey, and how many in colour. */
  readonly grey: number;
  readonly colour: number;
  /** Their paths. */
  readonly unreadable: readonly string[];
  /** The paths of files that are the same byte for byte, in groups. */
  readonly copies: readonly (readonly string[])[];
}

/** What a report says of a text. */
export interface TextReport {
  readonly tokens: "word" | "character";
  /** How many different tokens the network knows. */
  readonly vocabulary: number;
  /** Tokens of an example. */
  readonly steps: number;
  /** How many tokens each part has, and which share of them counts as `<unk>`. */
  readonly parts: Readonly<Partial<Record<"train" | "valid" | "test", TokenShare>>>;
}

/** Tokens of a part. */
export interface TokenShare {
  readonly tokens: number;
  /** From 0 to 1. */
  readonly unknown: number;
}

/** How a configuration would train on some data: plain JSON. */
export interface TrainingReport {
  readonly method: string;
  readonly network: string;
  /** Of all networks, where there are several. */
  readonly weights: number;
  /** How many networks there are; absent for one. */
  readonly folds?: number;
  readonly hyperparameters: Readonly<Record<string, StartReport>>;
  readonly batchSize: number;
  readonly stepsPerEpoch: number;
  readonly epochs?: number;
  /** Of a text: how many streams of rows train side by side. */
  readonly streams?: number;
  /** Which hyperparameters of the default are off, where others are named, and what the method has to say before it begins. */
  readonly warnings: readonly string[];
}

/** Where a hyperparameter starts, and within which range. */
export interface StartReport {
  readonly start: number | string | boolean;
  readonly low?: number;
  readonly high?: number;
}
