// Factorisations of matrices, whose elements stand row by row in one array.

/** The largest of the absolute values; 0 of none, and NaN if one is. */
export function largestSize(data) {
  return data.reduce((most, element) => (Math.abs(element) <= most || most !== most ? most : Math.abs(element)), 0);
}

/** A power of 2 of the size of a number; 1 of 0, and of what is not finite. */
export function scaleOf(size) {
  return size > 0 && size < Infinity ? 2 ** Math.max(Math.floor(Math.log2(size)), -1000) : 1;
}

/** The root of the sum of the squares, without overflow. */
function vectorLength(vector) {
  const scale = scaleOf(largestSize(vector));
  return scale * Math.sqrt(vector.reduce((total, element) => total + (element / scale) ** 2, 0));
}

/** The product of two matrices. */
export function matrixProduct(left, right, rows, inner, columns) {
  const result = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row += 1) {
    for (let place = 0; place < inner; place += 1) {
      const factor = left[row * inner + place];
      for (let column = 0; column < columns; column += 1) {
        result[row * columns + column] += factor * right[place * columns + column];
      }
    }
  }
  return result;
}

/** Rows as columns. */
export function matrixTranspose(data, rows, columns) {
  const result = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) result[column * rows + row] = data[row * columns + column];
  }
  return result;
}

/** Ones on the diagonal. */
export function matrixOfOnes(rows, columns) {
  const result = new Float64Array(rows * columns);
  for (let place = 0; place < Math.min(rows, columns); place += 1) result[place * columns + place] = 1;
  return result;
}

function rowsExchanged(data, columns, one, other) {
  for (let column = 0; column < columns; column += 1) {
    const kept = data[one * columns + column];
    data[one * columns + column] = data[other * columns + column];
    data[other * columns + column] = kept;
  }
}

/** The factors L and U in one matrix, by elimination with partial pivoting, and in which order the rows stand. */
export function matrixLu(data, size) {
  const factors = Float64Array.from(data);
  const order = Array.from({ length: size }, (_, row) => row);
  let sign = 1;
  for (let step = 0; step < size; step += 1) {
    let pivot = step;
    for (let row = step + 1; row < size; row += 1) {
      if (Math.abs(factors[row * size + step]) > Math.abs(factors[pivot * size + step])) pivot = row;
    }
    if (pivot !== step) {
      rowsExchanged(factors, size, pivot, step);
      [order[pivot], order[step]] = [order[step], order[pivot]];
      sign = -sign;
    }
    if (factors[step * size + step] === 0) continue;
    for (let row = step + 1; row < size; row += 1) {
      const factor = factors[row * size + step] / factors[step * size + step];
      factors[row * size + step] = factor;
      if (factor === 0) continue;
      for (let column = step + 1; column < size; column += 1) {
        factors[row * size + column] -= factor * factors[step * size + column];
      }
    }
  }
  return { factors, order, sign, diagonal: factors.filter((_, place) => place % (size + 1) === 0) };
}

/** x with t @ x = right for a triangle t; `unit` where its diagonal is taken for ones. */
export function matrixTriangleSolved(data, size, right, columns, lower, unit = false) {
  const result = Float64Array.from(right);
  for (let step = 0; step < size; step += 1) {
    const row = lower ? step : size - 1 - step;
    for (let column = 0; column < columns; column += 1) {
      let total = result[row * columns + column];
      for (let known = lower ? 0 : row + 1; known < (lower ? row : size); known += 1) {
        total -= data[row * size + known] * result[known * columns + column];
      }
      result[row * columns + column] = unit ? total : total / data[row * size + row];
    }
  }
  return result;
}

/** x with a @ x = right; null where elimination ends at a 0. */
export function matrixSolved(data, size, right, columns) {
  const { factors, order, diagonal } = matrixLu(data, size);
  if (diagonal.includes(0)) return null;
  const ordered = new Float64Array(size * columns);
  order.forEach((row, place) => ordered.set(right.subarray(row * columns, (row + 1) * columns), place * columns));
  const between = matrixTriangleSolved(factors, size, ordered, columns, true, true);
  return matrixTriangleSolved(factors, size, between, columns, false);
}

/** The lower triangle L with L @ L' a symmetric matrix; null where that is not positive definite. */
export function matrixCholesky(data, size) {
  const result = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let total = data[row * size + column];
      for (let place = 0; place < column; place += 1) {
        total -= result[row * size + place] * result[column * size + place];
      }
      if (row === column && !(total > 0)) return null;
      result[row * size + column] = row === column ? Math.sqrt(total) : total / result[column * size + column];
    }
  }
  return result;
}

/** Q with orthonormal columns and the triangle R with a diagonal that is not negative, by Householder reflections. */
export function matrixQr(data, rows, columns) {
  const triangle = Float64Array.from(data);
  const reflections = [];
  for (let step = 0; step < columns; step += 1) {
    const vector = new Float64Array(rows);
    for (let row = step; row < rows; row += 1) vector[row] = triangle[row * columns + step];
    const length = vectorLength(vector);
    vector[step] += vector[step] < 0 ? -length : length;
    const square = vector.reduce((total, element) => total + element * element, 0);
    reflections.push([vector, square]);
    reflected(triangle, rows, columns, vector, square);
  }
  const q = matrixOfOnes(rows, columns);
  for (const [vector, square] of reflections.reverse()) reflected(q, rows, columns, vector, square);
  const r = new Float64Array(columns * columns);
  for (let row = 0; row < columns; row += 1) {
    const sign = triangle[row * columns + row] < 0 ? -1 : 1;
    for (let column = row; column < columns; column += 1) {
      r[row * columns + column] = sign * triangle[row * columns + column];
    }
    for (let place = 0; place < rows; place += 1) q[place * columns + row] *= sign;
  }
  return { q, r };
}

function reflected(data, rows, columns, vector, square) {
  if (square === 0) return;
  for (let column = 0; column < columns; column += 1) {
    let total = 0;
    for (let row = 0; row < rows; row += 1) total += vector[row] * data[row * columns + column];
    const factor = (2 * total) / square;
    for (let row = 0; row < rows; row += 1) data[row * columns + column] -= factor * vector[row];
  }
}

const MOST_SWEEPS = 60; // of Jacobi's method, which needs about 6
const JACOBI_EPSILON = 2 ** -53;

/** The cosine and the sine of the rotation that makes the element between two diagonal ones 0. */
function jacobiRotation(first, between, second) {
  const ratio = (second - first) / (2 * between);
  const tangent = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.hypot(1, ratio));
  const cosine = 1 / Math.hypot(1, tangent);
  return [cosine, cosine * tangent];
}

/** Columns p and q of a matrix, turned. */
function columnsTurned(data, rows, columns, [p, q], [cosine, sine]) {
  for (let row = 0; row < rows; row += 1) {
    const [x, y] = [data[row * columns + p], data[row * columns + q]];
    data[row * columns + p] = cosine * x - sine * y;
    data[row * columns + q] = sine * x + cosine * y;
  }
}

/** All pairs of places below a size, until no pair is turned any more. */
function jacobiSweeps(size, turn) {
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep += 1) {
    let turned = false;
    for (let p = 0; p < size; p += 1) {
      for (let q = p + 1; q < size; q += 1) turned = turn(p, q) || turned;
    }
    if (!turned) return;
  }
}

function columnsChosen(data, rows, columns, order) {
  const result = new Float64Array(rows * order.length);
  for (let row = 0; row < rows; row += 1) {
    order.forEach((column, place) => {
      result[row * order.length + place] = data[row * columns + column];
    });
  }
  return result;
}

/** The eigenvalues of a symmetric matrix, ascending, and their vectors as columns, by Jacobi's method. */
export function matrixEigen(data, size) {
  const rest = Float64Array.from(data);
  const vectors = matrixOfOnes(size, size);
  const least = (largestSize(data) * JACOBI_EPSILON) / 16;
  jacobiSweeps(size, (p, q) => {
    const [first, between, second] = [rest[p * size + p], rest[p * size + q], rest[q * size + q]];
    if (!(Math.abs(between) > least)) return false;
    const rotation = jacobiRotation(first, between, second);
    columnsTurned(rest, size, size, [p, q], rotation);
    const [cosine, sine] = rotation;
    for (let column = 0; column < size; column += 1) {
      const [x, y] = [rest[p * size + column], rest[q * size + column]];
      rest[p * size + column] = cosine * x - sine * y;
      rest[q * size + column] = sine * x + cosine * y;
    }
    rest[p * size + q] = 0;
    rest[q * size + p] = 0;
    columnsTurned(vectors, size, size, [p, q], rotation);
    return true;
  });
  const value = (place) => rest[place * size + place];
  const order = Array.from({ length: size }, (_, place) => place).sort((one, other) => value(one) - value(other));
  return { values: Float64Array.from(order, value), vectors: columnsChosen(vectors, size, size, order) };
}

/** a = left @ diag(values) @ right', with values descending: by Hestenes' rotations of the columns. */
export function matrixSingular(data, rows, columns) {
  if (rows < columns) {
    const turned = matrixSingular(matrixTranspose(data, rows, columns), columns, rows);
    return { left: turned.right, values: turned.values, right: turned.left };
  }
  const scale = scaleOf(largestSize(data));
  const rest = Float64Array.from(data, (element) => element / scale);
  const right = matrixOfOnes(columns, columns);
  const inner = (p, q) => {
    let total = 0;
    for (let row = 0; row < rows; row += 1) total += rest[row * columns + p] * rest[row * columns + q];
    return total;
  };
  jacobiSweeps(columns, (p, q) => {
    const [first, between, second] = [inner(p, p), inner(p, q), inner(q, q)];
    if (!(Math.abs(between) > 4 * JACOBI_EPSILON * Math.sqrt(first) * Math.sqrt(second))) return false;
    if (Math.abs(between) < 1e-300) return false;
    const rotation = jacobiRotation(first, between, second);
    columnsTurned(rest, rows, columns, [p, q], rotation);
    columnsTurned(right, columns, columns, [p, q], rotation);
    return true;
  });
  const sizes = Array.from({ length: columns }, (_, column) => Math.sqrt(inner(column, column)));
  const order = sizes.map((_, column) => column).sort((one, other) => sizes[other] - sizes[one]);
  const left = columnsChosen(rest, rows, columns, order);
  const values = Float64Array.from(order, (column) => sizes[column]);
  madeOrthonormal(left, rows, values);
  return { left, values: values.map((value) => value * scale), right: columnsChosen(right, columns, columns, order) };
}

/** Columns divided by their lengths; one that is next to nothing is a unit vector, made orthogonal to those before. */
function madeOrthonormal(data, rows, lengths) {
  const columns = lengths.length;
  const least = lengths.length ? lengths[0] * 1e-15 * rows : 0;
  lengths.forEach((length, column) => {
    if (length > least) {
      for (let row = 0; row < rows; row += 1) data[row * columns + column] /= length;
      return;
    }
    let found = null;
    for (let unit = 0; unit < rows && !found; unit += 1) {
      const vector = new Float64Array(rows);
      vector[unit] = 1;
      for (let turn = 0; turn < 2; turn += 1) withoutColumns(vector, data, rows, columns, column);
      const size = vectorLength(vector);
      if (size > 0.5 / Math.sqrt(rows)) found = vector.map((element) => element / size);
    }
    for (let row = 0; row < rows; row += 1) data[row * columns + column] = found[row];
  });
}

function withoutColumns(vector, data, rows, columns, count) {
  for (let column = 0; column < count; column += 1) {
    let total = 0;
    for (let row = 0; row < rows; row += 1) total += vector[row] * data[row * columns + column];
    for (let row = 0; row < rows; row += 1) vector[row] -= total * data[row * columns + column];
  }
}
