import { Jaxpr } from "@jax-js/jax";

/**
 * Keeps jax-js's `jit` (0.1.25) from two faults. Operations on literals lose their type, see {@link folded}. And what widens an array by zeros, it compiles by masking the views of arrays that the
 * expression reads. A constant that is broadcast reads none, and `jit(grad(x => x.slice([0, 2]).sum()))` gives [1, 1, 1, 1]; in a padded
 * convolution exp(x) becomes exp(0) = 1 where it should be 0. See docs/jax-js-faults.md.
 *
 * jax-js compiles `jaxpr.flatten().simplify()`. Here that also makes such an operand an array of its own: `stop_gradient` turns a constant
 * into the work of a kernel, and a `pad` by nothing asks that its operand be computed first.
 */
export function guardJit(): void {
  if (guarded) return;
  guarded = true;
  const { flatten, simplify } = Jaxpr.prototype;
  const flattened = new WeakSet<Jaxpr>();
  Jaxpr.prototype.flatten = function (): Jaxpr {
    const { inBinders, eqns, outs } = flatten.call(this);
    const copy = new Jaxpr(inBinders, eqns, outs); // what is simplified elsewhere, to be differentiated, stays as it is
    flattened.add(copy);
    return copy;
  };
  Jaxpr.prototype.simplify = function (): Jaxpr {
    const simple = simplify.call(folded(this));
    return flattened.has(this) ? materialized(simple) : simple;
  };
}

let guarded = false;

/** Primitives that widen their operands by zeros, but do not ask that these be computed first. */
const careless: readonly string[] = ["conv", "pool_transpose"];
/** Primitives that ask for it, which does nothing for a constant. */
const careful: readonly string[] = ["pad", "concatenate"];
/** Primitives that run by themselves, and refuse an operand that is only a view of an array. */
const routines: readonly string[] = [
  ...["sort", "argsort", "scatter", "triangular_solve", "cholesky", "lu", "jacobi_eigh", "fft"],
];
/** Primitives that only look at their operand in another way. */
const views: readonly string[] = ["transpose", "broadcast", "reshape", "flip", "shrink", "pad"];

type Equation = Jaxpr["eqns"][number];
type Variable = Equation["outBinders"][number];
type Atom = Equation["inputs"][number];

type Literal = Exclude<Atom, Variable>;

/** What `simplify` folds of literals alone, with the values that it gives them. */
const folds: Readonly<Record<string, (...values: number[]) => number>> = {
  add: (a, b) => a + b,
  mul: (a, b) => a * b,
  neg: (a) => -a,
};

/**
 * Operations on literals alone as literals of the type that the trace has given their results. `simplify` would take the type to which the literals promote, which
 * may be float32 where what reads them takes float64: four bytes of the result are then whatever lay in memory.
 */
function folded(jaxpr: Jaxpr): Jaxpr {
  const literals = new Map<Atom, Literal>();
  const known = (atom: Atom): Atom => literals.get(atom) ?? atom;
  const equations = jaxpr.eqns.flatMap((equation) => {
    const { primitive, params, outBinders } = equation;
    const inputs = equation.inputs.map(known);
    const values = inputs.flatMap((atom) => ("value" in atom ? [atom] : []));
    const fold = folds[primitive];
    const [like] = values;
    const [result] = outBinders;
    if (fold && like && result && values.length === inputs.length && result.aval.dtype !== "bool") {
      literals.set(result, literalLike(like, result, fold(...values.map(({ value }) => value))));
      return [];
    }
    return inputs.every((atom, i) => atom === equation.inputs[i])
      ? [equation]
      : [equationLike(equation, primitive, inputs, params, outBinders)];
  });
  return new Jaxpr(jaxpr.inBinders, equations, jaxpr.outs.map(known));
}

const literalLike = ({ constructor: Lit }: Literal, { aval }: Variable, value: number): Literal =>
  new (Lit as new (aval: Literal["aval"], value: number) => Literal)(aval, value);

function materialized(jaxpr: Jaxpr): Jaxpr {
  const constants = new Set<Atom>(); // views of nothing but literals
  const viewed = new Set<Atom>();
  const equations: Equation[] = [];
  for (const equation of jaxpr.eqns) {
    const { primitive, inputs, params, outBinders } = equation;
    const name = primitive as string;
    const isConstant = (atom: Atom) => "value" in atom || constants.has(atom);
    const operands = inputs.map((atom): Atom => {
      const widened = careless.includes(name) || careful.includes(name);
      if ("value" in atom || !(widened || routines.includes(name))) return atom;
      const inert = widened ? constants.has(atom) : viewed.has(atom);
      const operand = inert ? follow(equations, equation, "stop_gradient", atom, {}) : atom;
      if (!careless.includes(name)) return operand;
      return follow(equations, equation, "pad", operand, { width: operand.aval.shape.map(() => [0, 0]) });
    });
    if (views.includes(name)) {
      viewed.add(outBinders[0] as Variable);
      if (name !== "pad" && inputs.every(isConstant)) constants.add(outBinders[0] as Variable);
    }
    if (operands.every((operand, i) => operand === inputs[i])) equations.push(equation);
    else equations.push(equationLike(equation, name, operands, params, outBinders));
  }
  return new Jaxpr(jaxpr.inBinders, equations, jaxpr.outs);
}

/** Adds an operation on one array. @returns its result */
function follow(
  equations: Equation[],
  like: Equation,
  primitive: string,
  operand: Variable,
  params: object,
): Variable {
  const { constructor: Var } = like.outBinders[0] as Variable;
  const result = new (Var as new (aval: Variable["aval"]) => Variable)(operand.aval);
  equations.push(equationLike(like, primitive, [operand], params, [result]));
  return result;
}

/** jax-js exports no constructor of equations, nor one of variables; both are those of what is there. */
const equationLike = (like: Equation, ...parts: readonly unknown[]): Equation =>
  new (like.constructor as new (...parts: readonly unknown[]) => Equation)(...parts);
