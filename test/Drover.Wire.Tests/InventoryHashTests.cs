using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Drover.Wire.Inventory;

namespace Drover.Wire.Tests;

public sealed class InventoryHashTests
{
    [Fact]
    public void The_hash_is_the_first_16_bytes_over_sorted_lines_of_id_and_digest()
    {
        var lines = "a 11\nb 22\n";

        var hash = InventoryHash.Of([new("b", "22"), new("a", "11")]);

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines)).AsSpan(0, 16)), hash);
        Assert.Equal(32, hash.Length);
    }

    [Fact]
    public void Status_and_the_containers_own_nulls_stand_outside_the_digest()
    {
        Assert.Equal(
            Digest("""{"dockerId":"a","state":"running"}"""),
            Digest("""{"status":"Up 3 hours","state":"running","dockerId":"a","health":null}"""));
    }

    [Fact]
    public void A_port_that_is_not_published_counts()
    {
        Assert.NotEqual(
            Digest("""{"dockerId":"a","ports":{}}"""), Digest("""{"dockerId":"a","ports":{"80/tcp":null}}"""));
    }

    [Fact]
    public void Names_are_sorted_at_every_depth_and_values_are_compared_whole()
    {
        Assert.Equal(
            Digest("""{"labels":{"b":"2","a":"1"},"dockerId":"a"}"""),
            Digest("""{ "dockerId": "a", "labels": { "a": "1", "b": "2" } }"""));
        Assert.NotEqual(
            Digest("""{"dockerId":"a","labels":{"a":"1"}}"""), Digest("""{"dockerId":"a","labels":{"a":"2"}}"""));
    }

    [Fact]
    public void A_field_that_this_version_does_not_know_counts_too()
    {
        Assert.NotEqual(Digest("""{"dockerId":"a"}"""), Digest("""{"dockerId":"a","fromTheFuture":1}"""));
    }

    [Fact]
    public void Both_ways_of_escaping_a_character_give_one_digest()
    {
        Assert.Equal(
            Digest("""{"dockerId":"a","name":"caf\u00e9 \u003c"}"""), Digest("""{"dockerId":"a","name":"café <"}"""));
    }

    private static string Digest(string json)
    {
        using var document = JsonDocument.Parse(json);
        return InventoryHash.Digest(document.RootElement);
    }
}
