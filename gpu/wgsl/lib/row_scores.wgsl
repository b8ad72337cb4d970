    // scores[c·R + r] = Σ_k over rows row … row + R − 1 of x and columns column … column + C − 1 of y
    var scores = array<f32, R * C>();
    let y_start = column * K4;
    for (var k = 0u; k < K4; k++) {
      var xs: array<vec4<f32>, R>;
      // @unroll
      for (var r = 0u; r < R; r++) {
        xs[r] = row_part(row + r, k);
      }
      // @unroll
      for (var c = 0u; c < C; c++) {
        let ys = y[y_start + c * K4 + k];
        // @unroll
        for (var r = 0u; r < R; r++) {
          scores[c * R + r] = add_terms(scores[c * R + r], xs[r], ys);
        }
      }
    }
